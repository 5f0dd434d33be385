/**
 * Five times as fast as in production: every time constant of Plateau and of the peers. What a request takes, and the objective, are as they are.
 *
 * @module
 */
import type { HpaSettings } from '../../../../src/sim/policies/hpa.ts';

export const pace = 5;
export const bounds = { min: 1, max: 4 } as const;
export const objectiveMs = 150;
/** The store's answers come so late, ms: what `--runtime waitress` sets. */
export const storeMs = 55;
/** Threads that peers have from start to end: as many as Plateau may take. 16 are too few once the interpreter lock delays what comes back from the store. */
export const peerThreads = 32;

/** 5 s, 15 s, 15 s, 300 s and 10 % a minute in production. */
const plateauScaling = {
  evaluation: { period: '1s', window: '3s' },
  scaleUp: { maxPods: 4, maxPercent: 100, period: '3s' },
  scaleDown: { stabilization: '60s', maxPercentPerMinute: 50 },
};

/** Plateau with its defaults. */
export const plateauSpec = {
  objective: { p95: `${objectiveMs}ms` },
  pool: { threads: { min: 1, max: peerThreads }, warmUp: '2s' },
  scaling: { mode: 'Auto', replicas: bounds, ...plateauScaling },
};

/** A fleet whose size another autoscaler writes; the operator only measures. @param windowSeconds over which it measures */
export const peerSpec = (windowSeconds: number) => ({
  objective: { p95: `${objectiveMs}ms` },
  replicas: bounds.min,
  pool: { threads: { min: peerThreads, max: peerThreads, initial: peerThreads } },
  scaling: { ...plateauScaling, mode: 'Recommend', replicas: bounds, evaluation: { period: '1s', window: `${windowSeconds}s` } },
});

/** The HorizontalPodAutoscaler's defaults, faster: 15 s, 15 s, 300 s. */
export const hpaSettings: HpaSettings = {
  bounds,
  tolerance: 0.1,
  syncSeconds: 15 / pace,
  pace: 1 / pace,
  behaviour: {
    up: { stabilizationSeconds: 0, policies: [{ kind: 'pods', value: 4, periodSeconds: 15 / pace }, { kind: 'percent', value: 100, periodSeconds: 15 / pace }] },
    down: { stabilizationSeconds: 300 / pace, policies: [{ kind: 'percent', value: 100, periodSeconds: 15 / pace }] },
  },
};
