/**
 * Makes any input usable: numbers of the spec and of the fleet that cannot be are replaced by ones that do nothing.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { clamp, finiteOr, isCount, wholeBetween } from './numbers.ts';
import type { AutoscaleSpec, FleetWindow } from './types.ts';

/** Most pods of a fleet that the API allows. */
export const MAX_PODS = 5000;
const MAX_THREADS = 4096;
const MAX_PROCESSES = 256;
const DAY_MS = 24 * 3_600_000;

const range = (given: { min: number; max: number }, highest: number): { min: number; max: number } => {
  const min = wholeBetween(given.min, 1, highest, 1);
  return { min, max: Math.max(min, wholeBetween(given.max, 1, highest, min)) };
};

const span = (ms: number, shortest: number, fallback: number): number => clamp(finiteOr(ms, fallback), shortest, DAY_MS);

/** The spec with every number finite and every range in order. */
export const cleanSpec = (spec: AutoscaleSpec): AutoscaleSpec => {
  const threads = range(spec.threads, MAX_THREADS);
  return {
    ...spec,
    objectiveMs: isCount(spec.objectiveMs) && spec.objectiveMs > 0 ? spec.objectiveMs : Number.MAX_VALUE,
    replicas: range(spec.replicas, MAX_PODS),
    threads: { ...threads, initial: wholeBetween(spec.threads.initial, threads.min, threads.max, threads.min) },
    processes: range(spec.processes, MAX_PROCESSES),
    maxConcurrency: isCount(spec.maxConcurrency) && spec.maxConcurrency >= 1 ? spec.maxConcurrency : null,
    warmUpMs: span(spec.warmUpMs, 0, 10_000),
    scaleUp: {
      maxPods: wholeBetween(spec.scaleUp.maxPods, 1, MAX_PODS, 4),
      maxPercent: wholeBetween(spec.scaleUp.maxPercent, 1, 1000, 100),
      periodMs: span(spec.scaleUp.periodMs, 1, 15_000),
    },
    scaleDown: {
      enabled: spec.scaleDown.enabled,
      stabilizationMs: span(spec.scaleDown.stabilizationMs, 0, 300_000),
      maxPercentPerMinute: wholeBetween(spec.scaleDown.maxPercentPerMinute, 1, 100, 10),
    },
    evaluation: {
      periodMs: span(spec.evaluation.periodMs, 1, 5000),
      windowMs: span(spec.evaluation.windowMs, 1, 15_000),
    },
  };
};

/** The scale that is asked for now; what is not a number counts as what a new fleet would have. */
const cleanScale = (scale: Scale, spec: AutoscaleSpec): Scale => ({
  replicas: wholeBetween(scale.replicas, 0, MAX_PODS, spec.replicas.min),
  threads: wholeBetween(scale.threads, 1, MAX_THREADS, spec.threads.initial),
  processes: wholeBetween(scale.processes, 1, MAX_PROCESSES, spec.processes.min),
});

/** A CPU limit of less than a millicore cannot be written in Kubernetes: it counts as none. */
const coreLimit = (limit: number | null): number | null => (isCount(limit) && limit >= 0.001 ? limit : null);

/** The fleet's own counts, finite; samples are judged pod by pod in quality.ts. */
export const cleanFleet = (windows: FleetWindow, spec: AutoscaleSpec): FleetWindow => ({
  ...windows,
  current: cleanScale(windows.current, spec),
  readyReplicas: wholeBetween(windows.readyReplicas, 0, MAX_PODS, 0),
  terminating: wholeBetween(windows.terminating, 0, MAX_PODS, 0),
  pods: windows.pods.map((pod) => ({ ...pod, coreLimit: coreLimit(pod.coreLimit) })),
});
