/**
 * The runs of one seed added up over rows, so that a suite is paired seed by seed.
 *
 * @module
 */
import type { SimulationResult } from '../../../src/sim/outcome.ts';

/** Counts, hours and reversals are sums over rows; most pods are those of the row with the most, and more than one row has no quantiles. */
export interface Sum extends SimulationResult {
  /** In the row with the most. */
  readonly mostReversals: number;
}

type Count = 'requests' | 'overObjective' | 'windows' | 'windowsOver' | 'podHours' | 'coreHours' | 'reversals';

/** @param results one of each row, of the same policy and seed */
export const added = (results: readonly SimulationResult[]): Sum => {
  const [first] = results;
  if (first === undefined) throw new Error('a setting has no results');
  const sum = (what: Count): number => results.reduce((total, result) => total + result[what], 0);
  const most = (what: 'reversals' | 'maxReplicas'): number => Math.max(...results.map((result) => result[what]));
  const { policy, p50Ms, p95Ms, p99Ms } = first;
  return {
    policy,
    requests: sum('requests'),
    overObjective: sum('overObjective'),
    windows: sum('windows'),
    windowsOver: sum('windowsOver'),
    podHours: sum('podHours'),
    coreHours: sum('coreHours'),
    reversals: sum('reversals'),
    mostReversals: most('reversals'),
    maxReplicas: most('maxReplicas'),
    ...(results.length === 1 ? { p50Ms, p95Ms, p99Ms } : { p50Ms: null, p95Ms: null, p99Ms: null }),
  };
};
