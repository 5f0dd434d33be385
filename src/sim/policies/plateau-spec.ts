/**
 * A spec as a user would write it, with the API's defaults for all that is not said.
 *
 * @module
 */
import { durationText } from '../../api/duration.ts';
import { apiVersion, featureServerSchema } from '../../api/featureserver.ts';
import { poolLimits } from '../../api/spec/pool.ts';
import { autoscaleSpec } from '../../core/autoscale/spec.ts';
import type { AutoscaleSpec } from '../../core/autoscale/types.ts';
import type { Bounds } from '../policy.ts';

/** Most threads of a process by the API's default. */
export const USUAL_MOST_THREADS = 32;

export interface PlateauSettings {
  readonly bounds: Bounds;
  readonly objectiveMs: number;
  readonly threads: { readonly initial: number; readonly max: number };
  readonly processes: number;
  /** The cores of the limit when absent, as far as the API goes. */
  readonly mostProcesses?: number | undefined;
  readonly coreLimit: number | null;
}

const coresOf = (coreLimit: number | null): number => Math.min(poolLimits.processes, Math.floor(coreLimit ?? 1));

/** Threads from 1 up, processes from those of the start up to the cores of the limit. */
export const plateauSpec = ({ bounds, objectiveMs, threads, processes, mostProcesses, coreLimit }: PlateauSettings): AutoscaleSpec =>
  autoscaleSpec(
    featureServerSchema.parse({
      apiVersion,
      kind: 'FeatureServer',
      metadata: { name: 'simulated', namespace: 'simulated', uid: 'simulated', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        objective: { p95: durationText(objectiveMs) },
        server: { custom: { image: 'simulated' } },
        ...(coreLimit === null ? {} : { resources: { limits: { cpu: `${Math.round(1000 * coreLimit)}m` } } }),
        pool: {
          threads: { min: 1, max: Math.max(threads.initial, threads.max), initial: threads.initial },
          processes: { min: processes, max: Math.max(processes, mostProcesses ?? coresOf(coreLimit)) },
        },
        scaling: { replicas: { min: bounds.min, max: bounds.max } },
      },
    }),
  );
