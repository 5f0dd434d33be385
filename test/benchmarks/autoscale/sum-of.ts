import type { Sum } from '../../bench/autoscale/sums.ts';

/** A run of Plateau's with 100 requests, 4 pod-hours, 10 core-hours and nothing over the objective, but for what is given. */
export const sumOf = (given: Partial<Sum> = {}): Sum => ({
  policy: 'plateau', requests: 100, overObjective: 0, windows: 30, windowsOver: 0, podHours: 4, coreHours: 10, reversals: 0, mostReversals: 0, maxReplicas: 6,
  p50Ms: null, p95Ms: null, p99Ms: null, ...given,
});
