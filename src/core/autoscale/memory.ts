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

/** What a full pool answered. Store and unexplained time of a request in seconds. */
const fullPointSchema = z.object({ at: time, slots: amount, pods: amount, answered: amount, store: amount, rest: amount });
export type FullPoint = z.infer<typeof fullPointSchema>;

/** Two pools of different size that answered as much: what requests wait for inside is the limit. The smaller was full, and the larger where `isFull`. */
const proofSchema = z.object({ kind: z.enum(['STORE', 'LOCK']), at: time, isFull: z.boolean().default(true), fewer: fullPointSchema, more: fullPointSchema });
export type Proof = z.infer<typeof proofSchema>;

/** One evaluation in four numbers. Seconds and requests per second. */
const lookSchema = z.object({ p95: amount.nullable(), cpu: amount.nullable(), offered: amount, answered: amount });
export type Look = z.infer<typeof lookSchema>;

/** A move whose effect is awaited. */
const trialSchema = z.object({ at: time, from: scale, to: scale, before: lookSchema });
export type Trial = z.infer<typeof trialSchema>;

/** What a move taught: the knob stays at or below (`up`), at or above (`down`) the limit for a while. */
const blockSchema = z.object({
  knob: z.enum(['threads', 'processes', 'replicas']),
  side: z.enum(['up', 'down']),
  limit: z.int().min(0).max(1e6),
  until: time,
  class: z.enum(bottleneckClasses),
  /** Load under which it was learned, requests per second. */
  offered: amount,
  why: z.string().max(200),
});
export type Block = z.infer<typeof blockSchema>;

/** A short cut of concurrency: when it was asked for (once `small`: when it had been carried out), the pools before and during it, and how many in a row have proven nothing. */
const poolSchema = z.object({ threads: z.int(), processes: z.int() });
const cutSchema = z.object({ at: time, state: z.enum(['asked', 'small', 'over']), from: poolSchema, to: poolSchema, inVain: z.int().min(0).max(16) });
export type Cut = z.infer<typeof cutSchema>;

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
  /** The same of the time that nothing explains. */
  calmRest: amount.nullable().default(null),
  /** Requests per second of a pod whose requests waited for a lock, and when they last did; null when that is long ago. */
  lockRate: amount.nullable().default(null),
  lockAt: time.nullable().default(null),
  /** Correction of the planned share of the CPU, and when it was last moved. */
  trim: z.number().min(-1).max(1).default(0),
  trimmedAt: time.nullable().default(null),
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
  /** What full pools answered lately. */
  full: z.array(fullPointSchema).max(8),
  proof: proofSchema.nullable().default(null),
  /** The last evaluation, the move that is being judged, and what earlier ones taught. */
  look: lookSchema.nullable().default(null),
  trial: trialSchema.nullable().default(null),
  blocks: z.array(blockSchema).max(4).default([]),
  /** When the sample of a typical pod was taken that was looked at last. */
  sampledAt: time.nullable().default(null),
  /** Since when one of the last four evaluations has found the pool full. */
  fullSince: time.nullable().default(null),
  /** The last experiment with a smaller pool. */
  cut: cutSchema.nullable().default(null),
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

export const nothingLearned: Learned = { cpu: null, store: null, store95: null, service95: null, rest: null, calmStore: null, calmRest: null, lockRate: null, lockAt: null, trim: 0, trimmedAt: null, startSeconds: null, points: [] };

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
