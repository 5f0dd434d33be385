import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decidePool } from '../../../src/core/featureserver/pool-size.ts';
import type { PoolInput } from '../../../src/core/featureserver/pool-size.ts';

const term = 2 ** 32;
const config = { threads: 8, processes: 1, objectiveMs: 30, generation: 7 };
const input = (parts: Partial<PoolInput> = {}): PoolInput => ({
  mode: 'Auto', paused: false, threads: { min: 1, max: 32, initial: 8 }, processes: { min: 1, max: 2 }, objectiveMs: 30,
  current: config, previous: {}, recommendation: null, leaseTransitions: 0, highestInPods: 7, ...parts,
});
const recommended = { threads: 12, processes: 1, basis: { threads: 8, processes: 1 }, reason: 'ThreadsBelowFloor', message: '' };

describe('decidePool', () => {
  it.each([
    ['nothing changed: the generation stays, under a new leader too', { leaseTransitions: 3 }, config],
    ['a recommendation in Auto', { recommendation: recommended }, { ...config, threads: 12, generation: 8 }],
    ['a recommendation in ReplicasOnly is not for threads', { mode: 'ReplicasOnly', recommendation: recommended }, config],
    ['a recommendation while paused', { paused: true, recommendation: recommended }, config],
    ['a recommendation made on another size', { recommendation: { ...recommended, basis: { threads: 4, processes: 1 } } }, config],
    ['bounds that moved', { threads: { min: 16, max: 32, initial: 8 } }, { ...config, threads: 16, generation: 8 }],
    ['bounds that moved in Recommend: nothing is written', { mode: 'Recommend', threads: { min: 16, max: 32, initial: 8 } }, config],
    ['another objective', { objectiveMs: 20 }, { ...config, objectiveMs: 20, generation: 8 }],
    ['a change by a later leader outranks the former', { objectiveMs: 20, leaseTransitions: 2 }, { ...config, objectiveMs: 20, generation: 2 * term + 1 }],
    ['a pod that is ahead: the ConfigMap was lost', { highestInPods: 40 }, { ...config, generation: 41 }],
    ['a ConfigMap that is gone: size from the status', { current: null, previous: { threads: { desired: 20, acknowledgedPods: 2 } } }, { ...config, threads: 20, generation: 8 }],
    ['a new object', { current: null, highestInPods: 0 }, { ...config, generation: 1 }],
  ])('%s', (_name, parts, expected) => {
    expect(decidePool(input(parts)).config).toEqual(expected);
  });

  it('only ever raises the generation, and raises it whenever anything else changes', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 1000 }), fc.constantFrom(20, 30), (min, leaseTransitions, highestInPods, objectiveMs) => {
      const { config: next } = decidePool(input({ threads: { min, max: 64, initial: 8 }, leaseTransitions, highestInPods, objectiveMs }));
      const same = next.threads === 8 && next.objectiveMs === 30 && highestInPods <= 7;
      expect(next.generation > config.generation).toBe(!same);
      expect(Number.isSafeInteger(next.generation)).toBe(true);
    }));
  });
});
