/**
 * What `--report` writes: what the clients saw and what was decided.
 *
 * @module
 */
import * as z from 'zod';
import { bottleneckClasses, decisionSchema } from '../../api/featureserver-status.ts';

const latency = z.number().nullable();

const reportSecondSchema = z.strictObject({
  /** Seconds since the load began. */
  t: z.number(),
  /** Requests sent in this second. */
  rate: z.number(),
  /** Latencies that the client saw, from the scheduled arrival; null when nothing was answered in this second. */
  p50Ms: latency,
  p95Ms: latency,
  p99Ms: latency,
  replicas: z.int(),
  readyReplicas: z.int(),
  /** Per process. */
  threads: z.int(),
  /** Per pod. */
  processes: z.int(),
  class: z.enum(bottleneckClasses),
});
export type ReportSecond = z.infer<typeof reportSecondSchema>;

export const reportSchema = z.strictObject({
  fleets: z.array(
    z.strictObject({
      name: z.string(),
      namespace: z.string(),
      objectiveMs: z.number(),
      seconds: z.array(reportSecondSchema),
      /** Oldest first. */
      decisions: z.array(decisionSchema),
    }),
  ),
  requests: z.strictObject({ sent: z.int(), answered: z.int(), failed: z.int() }),
  /** Every process that was started, and the groups they were started in. */
  processIds: z.array(z.int()),
  /** From the start of this process to the first answered request; null when none was answered. */
  firstRequestSeconds: z.number().nullable(),
});
export type Report = z.infer<typeof reportSchema>;
