/**
 * The part of a FeatureServer's spec that the control law reads.
 *
 * @module
 */
import * as z from 'zod';
import { durationMs } from '../../api/duration.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import { annotations } from '../../api/names.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { clamp } from './numbers.ts';
import type { AutoscaleSpec } from './types.ts';

const limitsSchema = z.looseObject({ limits: z.looseObject({ cpu: z.union([z.string(), z.number()]) }) });
/** Cores of a Kubernetes CPU quantity (`500m`, `2`, `1.5`), or null when it is none or not above zero. */
export const parseCores = (quantity: unknown): number | null => {
  const cores = parseQuantity(quantity);
  return cores !== undefined && cores > 0 ? cores : null;
};

/** CPU limit of the serving container, cores; null without one. */
const coreLimitOf = (featureServer: FeatureServer): number | null => {
  const resources = limitsSchema.safeParse(featureServer.spec.resources);
  return resources.success ? parseCores(resources.data.limits.cpu) : null;
};

/** A loop or a GIL uses at most one core: more processes than cores of the limit only take turns. */
const mostProcesses = (featureServer: FeatureServer): number => {
  const { min, max } = featureServer.spec.pool.processes;
  // waitress has threads and nothing else; a rule of the CRD refuses more.
  if (featureServer.spec.server.python?.server === 'waitress') return min;
  return Math.max(min, max ?? clamp(Math.floor(coreLimitOf(featureServer) ?? 1), 1, 64));
};

/** Reads a spec that the schema has accepted; durations become milliseconds, `processes.max` its documented default. */
export const autoscaleSpec = (featureServer: FeatureServer): AutoscaleSpec => {
  const { objective, pool, scaling } = featureServer.spec;
  return {
    mode: scaling.mode,
    paused: featureServer.metadata.annotations?.[annotations.paused] === 'true',
    objectiveMs: durationMs(objective.p95),
    replicas: { ...scaling.replicas },
    threads: { ...pool.threads },
    processes: { min: pool.processes.min, max: mostProcesses(featureServer) },
    maxConcurrency: scaling.maxConcurrency ?? null,
    warmUpMs: durationMs(pool.warmUp),
    scaleUp: {
      maxPods: scaling.scaleUp.maxPods,
      maxPercent: scaling.scaleUp.maxPercent,
      periodMs: durationMs(scaling.scaleUp.period),
    },
    scaleDown: {
      enabled: scaling.scaleDown.enabled,
      stabilizationMs: durationMs(scaling.scaleDown.stabilization),
      maxPercentPerMinute: scaling.scaleDown.maxPercentPerMinute,
    },
    evaluation: { periodMs: durationMs(scaling.evaluation.period), windowMs: durationMs(scaling.evaluation.window) },
  };
};
