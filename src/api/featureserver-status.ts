/**
 * The status of a FeatureServer: what the fleet is, what limits it, what was decided and why.
 *
 * @module
 */
import * as z from 'zod';

const timestamp = z.string();

/** What limits a fleet. The order of evaluation is that of control-law.md. */
export const bottleneckClasses = ['UNKNOWN', 'STEAL', 'THROTTLED', 'GIL', 'LOOP', 'STORE', 'LOCK', 'THREADS', 'CPU', 'OK'] as const;
export type BottleneckClass = (typeof bottleneckClasses)[number];

export const scaleSchema = z.object({ replicas: z.int(), threads: z.int(), processes: z.int() });
/** The size of a fleet: pods, threads (or in-flight limit) per process, processes per pod. */
export type Scale = z.infer<typeof scaleSchema>;

export const decisionSchema = z.object({
  at: timestamp,
  from: scaleSchema,
  to: scaleSchema,
  reason: z.string(),
  message: z.string(),
  /** The limit that cut the answer: `max`, `rate`, `maxConcurrency`, …; empty when none did. */
  boundBy: z.string().optional(),
  /** The guard rail that changed the answer. */
  guard: z.string().optional(),
  /** What an autoscaler on CPU would have said: replicas. */
  cpuAutoscalerWouldSay: z.int().optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

export const conditionSchema = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: timestamp,
  observedGeneration: z.number().optional(),
});
export type Condition = z.infer<typeof conditionSchema>;

export const observedSchema = z.object({
  /** Go-style duration. */
  p95: z.string().optional(),
  /** True when the server cannot see its whole queue: the p95 is then a lower bound. */
  p95IsLowerBound: z.boolean().optional(),
  requestsPerSecond: z.number().optional(),
  cpuSecondsPerRequest: z.number().optional(),
  /** Requests per second that one pod can answer at its present size. */
  podCapacity: z.number().optional(),
  /** Share of the pods that reported, 0 to 1. */
  coverage: z.number().optional(),
  at: timestamp,
});
export type ObservedStatus = z.infer<typeof observedSchema>;

export const featureServerStatusSchema = z.object({
  observedGeneration: z.number().optional(),
  mode: z.string().optional(),
  replicas: z.int().optional(),
  readyReplicas: z.int().optional(),
  updatedReplicas: z.int().optional(),
  selector: z.string().optional(),
  /** The number of pods last accepted from whoever owns it: where a Deployment that is created anew starts. */
  desiredReplicas: z.int().optional(),
  /** `spec.replicas` as last seen. Not obeyed while it dates from a mode in which Plateau scaled: a change of mode moves nothing. */
  replicasRequest: z.object({ value: z.int(), obeyed: z.boolean() }).optional(),
  threads: z.object({ desired: z.int(), acknowledgedPods: z.int() }).optional(),
  observed: observedSchema.optional(),
  bottleneck: z
    .object({ class: z.enum(bottleneckClasses), since: timestamp, evidence: z.string(), advice: z.string() })
    .optional(),
  image: z.string().optional(),
  decisions: z.array(decisionSchema).max(10).optional(),
  recommendation: scaleSchema.optional(),
  /** The memory that a new leader needs; its shape belongs to src/core/autoscale and is parsed there. */
  autoscaling: z.looseObject({}).optional(),
  conditions: z.array(conditionSchema).max(16).optional(),
});
export type FeatureServerStatus = z.infer<typeof featureServerStatusSchema>;
