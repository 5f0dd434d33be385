import { describe, expect, it } from '@jest/globals';
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import { added } from '../../bench/autoscale/sums.ts';

const small: SimulationResult = { policy: 'kpa', requests: 100, overObjective: 10, windows: 30, windowsOver: 5, podHours: 1.5, coreHours: 3, reversals: 2, maxReplicas: 7, p50Ms: 5, p95Ms: 9, p99Ms: 12 };
const large: SimulationResult = { ...small, requests: 900, overObjective: 9, windowsOver: 1, podHours: 2.5, coreHours: 2.5, reversals: 3, maxReplicas: 6 };

describe('the rows of one seed', () => {
  it('are added up, with the most reversals beside their sum', () => {
    expect(added([small, large])).toEqual({
      policy: 'kpa', requests: 1000, overObjective: 19, windows: 60, windowsOver: 6, podHours: 4, coreHours: 5.5, reversals: 5, mostReversals: 3, maxReplicas: 7, p50Ms: null, p95Ms: null, p99Ms: null,
    });
  });

  it('keep what one of them has', () => {
    expect(added([small])).toEqual({ ...small, mostReversals: 2 });
  });

  it('are at least one', () => {
    expect(() => added([])).toThrow('a setting has no results');
  });
});
