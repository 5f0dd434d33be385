/**
 * What the parent and the load generator's process tell each other over IPC.
 *
 * @module
 */
import * as z from 'zod';

const traceSchema = z.object({
  points: z.array(z.object({ seconds: z.number(), rate: z.number() })),
  lengthSeconds: z.number().positive(),
});

/** One fleet's load. */
const startMessageSchema = z.object({
  type: z.literal('start'),
  seed: z.int(),
  spacing: z.enum(['poisson', 'even']),
  mix: z.record(z.string(), z.number().positive()),
  trace: traceSchema,
  /** In how many seconds the whole trace passes. */
  durationSeconds: z.number().positive(),
  scale: z.number().positive(),
  /** Nothing is sent after so many seconds; null: until told to stop. */
  endAfterSeconds: z.number().positive().nullable(),
  path: z.string(),
  timeoutMs: z.number().positive(),
  maxOutstanding: z.int().positive(),
  /** Answers that come later count as over, ms. */
  objectiveMs: z.number().positive(),
});

export const toGeneratorSchema = z.discriminatedUnion('type', [
  startMessageSchema,
  z.object({ type: z.literal('endpoints'), origins: z.array(z.string()).max(10_000) }),
  z.object({ type: z.literal('stop'), graceMs: z.number().nonnegative() }),
]);
export type ToGenerator = z.infer<typeof toGeneratorSchema>;
export type StartMessage = z.infer<typeof startMessageSchema>;

const latency = z.number().nullable();
export const fromGeneratorSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('firstAnswer') }),
  z.object({ type: z.literal('stopped') }),
  z.object({
    type: z.literal('second'),
    second: z.object({
      t: z.number(),
      sent: z.number(),
      answered: z.number(),
      failed: z.number(),
      over: z.number(),
      p50Ms: latency,
      p95Ms: latency,
      p99Ms: latency,
      waiting: z.number(),
      oldestWaitingMs: z.number(),
      partial: z.boolean(),
      failures: z.record(z.string(), z.number()),
    }),
  }),
]);
export type FromGenerator = z.infer<typeof fromGeneratorSchema>;
