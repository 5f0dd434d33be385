/**
 * What `--report` writes: what the clients saw and what was decided.
 *
 * @module
 */
import * as z from 'zod';
import { poolStateSchema } from '../../api/protocol.ts';
import { bottleneckClasses, decisionSchema } from '../../api/featureserver-status.ts';

const latency = z.number().nullable();

const reportSecondSchema = z.strictObject({
  /** Seconds since the load began. */
  t: z.number(),
  /** Requests sent in this second. */
  rate: z.number(),
  /** Of the requests that ended in this second, those that failed or were answered later than the objective of the load's start. */
  over: z.number(),
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

const rangeSchema = z.strictObject({
  /** When the cause began, the most since, and at the end. */
  from: z.int(),
  most: z.int(),
  to: z.int(),
});

const scenarioSchema = z.strictObject({
  name: z.string(),
  /** What was made to happen. */
  cause: z.string(),
  /** Seconds since the load began; null when the run ended before it. */
  causeSeconds: z.number().nullable(),
  /** The class that names the cause; null where the move alone counts. */
  expectedClass: z.enum(bottleneckClasses).nullable(),
  /** When that class was read first after the cause began, with what the operator said of it; null when it never was. */
  classSeconds: z.number().nullable(),
  evidence: z.string().nullable(),
  advice: z.string().nullable(),
  /** What was decided after the cause began, oldest first. */
  decisions: z.array(decisionSchema),
  /** Pods, and threads of each process. */
  pods: rangeSchema.nullable(),
  threads: rangeSchema.nullable(),
});
export type ScenarioReport = z.infer<typeof scenarioSchema>;

export const reportSchema = z.strictObject({
  fleets: z.array(
    z.strictObject({
      name: z.string(),
      namespace: z.string(),
      objectiveMs: z.number(),
      /** What a pod said of its server; null when none was asked. */
      model: poolStateSchema.shape.model.nullable(),
      gil: poolStateSchema.shape.gil.nullable(),
      seconds: z.array(reportSecondSchema),
      /** Oldest first. */
      decisions: z.array(decisionSchema),
    }),
  ),
  /** What a scenario showed; absent without one. */
  scenario: scenarioSchema.optional(),
  requests: z.strictObject({ sent: z.int(), answered: z.int(), failed: z.int(), over: z.int() }),
  /** Every process that was started, and the groups they were started in. */
  processIds: z.array(z.int()),
  /** From the start of this process to the first answered request; null when none was answered. */
  firstRequestSeconds: z.number().nullable(),
});
export type Report = z.infer<typeof reportSchema>;
