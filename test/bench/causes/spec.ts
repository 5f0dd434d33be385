/**
 * The spec that every scenario is judged by: the documented defaults, two and a half times as fast.
 *
 * @module
 */
import type { AutoscaleSpec } from '../../../src/core/autoscale/types.ts';
import type { Setting } from './scenario.ts';

/**
 * The law's settings for a scenario. It may change the threads of the pool, as it does to tell a full store, a lock and a far store apart. Processes and
 * pods stay unless a scenario says otherwise: they would take the cause away before it is named. So do the threads of Gunicorn, which only a rollout changes; its pool becomes another size by processes.
 */
export const specOf = ({ server, size, mostProcesses, mostThreads }: Setting): AutoscaleSpec => ({
  mode: 'Auto',
  paused: false,
  objectiveMs: 100,
  replicas: { min: 1, max: 1 },
  threads: server === 'gunicorn' ? { min: size.threads, max: size.threads, initial: size.threads } : { min: 1, max: mostThreads ?? 64, initial: size.threads },
  processes: { min: size.processes, max: mostProcesses ?? size.processes },
  maxConcurrency: null,
  warmUpMs: 3000,
  scaleUp: { maxPods: 4, maxPercent: 100, periodMs: 6000 },
  scaleDown: { enabled: true, stabilizationMs: 120_000, maxPercentPerMinute: 25 },
  // A cause lasts for five windows, as 75 s do with the defaults.
  evaluation: { periodMs: 2000, windowMs: 6000 },
});
