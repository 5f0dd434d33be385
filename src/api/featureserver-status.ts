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

const scaleSchema = z.object({
  replicas: z.int().describe('Pods.'),
  threads: z.int().describe('Threads of each process.'),
  processes: z.int().describe('Processes of each pod.'),
});
/** The size of a fleet: pods, threads (or in-flight limit) per process, processes per pod. */
export type Scale = z.infer<typeof scaleSchema>;

export const decisionSchema = z.object({
  at: timestamp.describe('When it was decided.'),
  from: scaleSchema.describe('Size before.'),
  to: scaleSchema.describe('Size after.'),
  reason: z.string().describe('Why, in one word.'),
  message: z.string().describe('Why, in a sentence with numbers.'),
  boundBy: z.string().optional().describe('The limit that cut the answer: max, rate, maxConcurrency, …; empty when none did.'),
  guard: z.string().optional().describe('The guard rail that changed the answer.'),
  cpuAutoscalerWouldSay: z.int().optional().describe('Replicas that an autoscaler on CPU would have asked for.'),
  // No enum: a class that only a newer operator knows must not cost an older one its last decision.
  class: z.string().max(32).optional().describe('What limited the fleet when it was decided.'),
  evidence: z.string().optional().describe('The numbers that said so.'),
  coverage: z.number().optional().describe('Share of the pods that it was decided on, 0 to 1.'),
});
export type Decision = z.infer<typeof decisionSchema>;

const recommendationSchema = scaleSchema.extend({
  reason: z.string().optional().describe('Why, in one word.'),
  message: z.string().optional().describe('Why, in a sentence with numbers: also where nothing moves, and then what stands against it.'),
  guard: z.string().optional().describe('The guard rail that changed the answer.'),
});
export type RecommendationStatus = z.infer<typeof recommendationSchema>;

const conditionSchema = z.object({
  type: z.string().describe('Ready, Reconciling, Stalled, ScalingActive, ScalingLimited, ObjectiveMet or MetricsHealthy.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  reason: z.string().describe('Why, in one word.'),
  message: z.string().describe('Why, and what to do.'),
  lastTransitionTime: timestamp.describe('When the status changed last.'),
  observedGeneration: z.int().optional().describe('Generation of the spec that it speaks of.'),
});
export type Condition = z.infer<typeof conditionSchema>;

const observedSchema = z.object({
  p95: z.string().optional().describe('Measured p95, as a duration.'),
  p95IsLowerBound: z.boolean().optional().describe('True when the server cannot see its whole queue: the p95 is then a lower bound.'),
  requestsPerSecond: z.number().optional().describe('Requests per second of the whole fleet.'),
  cpuSecondsPerRequest: z.number().optional().describe('CPU seconds of one request.'),
  podCapacity: z.number().optional().describe('Requests per second that one pod can answer at its present size.'),
  coverage: z.number().optional().describe('Share of the pods that reported, 0 to 1.'),
  at: timestamp.describe('When it was measured.'),
});
export type ObservedStatus = z.infer<typeof observedSchema>;

const threadsSchema = z.object({
  desired: z.int().describe('Threads of each process that are asked for.'),
  acknowledgedPods: z.int().describe('Pods that said they have them.'),
  processes: z.int().optional().describe('Processes of each pod that are asked for.'),
});

const replicasRequestSchema = z.object({
  value: z.int().describe('spec.replicas as last seen.'),
  obeyed: z.boolean().describe('False while it dates from a mode in which Plateau scaled: a change of mode moves nothing.'),
});

const bottleneckSchema = z.object({
  class: z.enum(bottleneckClasses).describe('What limits the fleet.'),
  since: timestamp.describe('Since when.'),
  evidence: z.string().describe('The numbers that say so.'),
  advice: z.string().describe('What could be done about it.'),
  reachable: z.array(z.string().max(32)).max(16).optional().describe('Classes that the servers report enough for; the others cannot be named.'),
});

/**
 * A field that another version wrote in another way reads as absent, and only that field: a size or a pinned image must not be
 * lost because a newer operator knew one more bottleneck class.
 */
const field = <T extends z.ZodType>(schema: T, description: string) => schema.optional().describe(description).catch(undefined);

export const featureServerStatusSchema = z.object({
  observedGeneration: field(z.int(), 'Generation of the spec that this status speaks of.'),
  mode: field(z.string(), 'Mode in force; differs from the spec while another autoscaler or a pause is in the way.'),
  replicas: field(z.int(), 'Pods that exist.'),
  readyReplicas: field(z.int(), 'Pods that are ready.'),
  updatedReplicas: field(z.int(), 'Pods of the newest template.'),
  selector: field(z.string(), 'Label selector of the pods, for autoscalers.'),
  desiredReplicas: field(z.int(), 'Pods last accepted from whoever owns their number: where a Deployment that is created anew starts.'),
  replicasRequest: field(replicasRequestSchema, 'The last request through spec.replicas.'),
  threads: field(threadsSchema, 'The inner knob.'),
  observed: field(observedSchema, 'What was measured, refreshed at most once a minute.'),
  bottleneck: field(bottleneckSchema, 'What limits the fleet.'),
  image: field(z.string(), 'Image of the built-in server, pinned when the object was first seen.'),
  poolImage: field(z.string(), 'Image that brings the pool package to Python servers, pinned when the object was first seen.'),
  decisions: field(z.array(decisionSchema).max(10), 'The last decisions, newest first.'),
  recommendation: field(recommendationSchema, 'What the mode would do, in Recommend and Off what Auto would; its texts are refreshed at most once a minute.'),
  autoscaling: field(z.looseObject({}), 'Memory of the autoscaler, for its successor.'),
  conditions: field(
    z.array(conditionSchema).max(16).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
    'Ready, Reconciling, Stalled, ScalingActive, ScalingLimited, ObjectiveMet, MetricsHealthy.',
  ),
});
export type FeatureServerStatus = z.infer<typeof featureServerStatusSchema>;
