/**
 * What one evaluation leaves for the next. It travels through `.status.autoscaling`, so anything may come back:
 * what does not parse counts as none.
 *
 * @module
 */
import * as z from 'zod';
import { bottleneckClasses } from '../../api/featureserver-status.ts';

const time = z.number().min(0).max(1e14);
const amount = z.number().min(0).max(1e12);
const slots = z.array(z.tuple([time, amount])).max(64);
const scale = z.object({ replicas: z.int(), threads: z.int(), processes: z.int() });

const learnedSchema = z.object({
  /** CPU per request, core-seconds. */
  cpu: amount.nullable(),
  /** Mean and 95th percentile of the store time at low load, seconds. */
  store: amount.nullable(),
  store95: amount.nullable(),
  /** 95th percentile of the service time less the store's at low load, seconds. */
  service95: amount.nullable(),
  /** Time in the pool at low load that neither CPU nor the store explains, seconds. */
  rest: amount.nullable(),
  /** Mean store time of calm days, seconds: falls fast, rises slowly. */
  calmStore: amount.nullable(),
  /** Shortest usual time from start to ready seen, seconds: a pod that lost its readiness tells the time of its return. */
  startSeconds: amount.nullable().default(null),
  /** Requests per second and cores of a pod: the points under the slope. */
  points: z.array(z.tuple([amount, amount])).max(16),
});
export type Learned = z.infer<typeof learnedSchema>;

const memorySchema = z.object({
  version: z.literal(1),
  /** When this was written; null: handed over by another leader. */
  at: time.nullable(),
  /** Since when the operator has been watching without a gap. */
  watchedSince: time,
  templateHash: z.string().max(253),
  scale,
  podsMovedAt: time.nullable(),
  threadsMovedAt: time.nullable(),
  /** The newest increase of replicas; null once half of it has been ready: pods that are lost later are no batch. */
  batch: z.object({ at: time, from: amount, to: amount }).nullable(),
  /** Offered requests per second over the last windows. */
  offered: slots,
  lowestReplicas: slots,
  highestReplicas: slots,
  /** What was wanted before the guards. */
  wantedReplicas: slots,
  wantedThreads: slots,
  wantedProcesses: slots,
  /** When the pool was full: when, slots of the fleet, answers per second, store seconds. */
  full: z.array(z.tuple([time, amount, amount, amount])).max(8),
  candidates: z.array(z.enum(bottleneckClasses)).max(4),
  class: z.enum(bottleneckClasses),
  /** Evaluations in a row with p95 over the objective. */
  overObjective: z.int().min(0).max(1000),
  /** Last direction of replicas, and when it turned. */
  direction: z.int().min(-1).max(1),
  turns: z.array(time).max(8),
  learned: learnedSchema,
});
export type Memory = z.infer<typeof memorySchema>;

export const nothingLearned: Learned = { cpu: null, store: null, store95: null, service95: null, rest: null, calmStore: null, startSeconds: null, points: [] };

/** Memory out of whatever came back; null when it cannot be read or was written by another version. */
export const parseMemory = (memory: unknown): Memory | null => {
  const parsed = memorySchema.safeParse(memory);
  return parsed.success ? parsed.data : null;
};

/**
 * Marks stored memory as another leader's: what was learned stays, and one `scaleDown.stabilization` has to pass
 * before anything shrinks. Called by the shell when it takes memory from the status.
 */
export const fromFormerLeader = (memory: unknown): unknown => {
  const parsed = parseMemory(memory);
  return parsed === null ? null : { ...parsed, at: null };
};
