/**
 * What the control law takes, as it is written down and as others send it: `{spec, windows, memory, now}`.
 *
 * @module
 */
import * as z from 'zod';
import { scalingModes } from '../../api/spec/scaling.ts';
import type { RecommendInput } from '../autoscale/types.ts';
import { anyNumbers, plainNumbers } from './any-number.ts';
import type { Numbers } from './any-number.ts';
import type { Same } from './same.ts';

const specSchemaOf = ({ one }: Numbers) => {
  const limits = z.object({ min: one, max: one });
  return z.object({
    mode: z.enum(scalingModes).describe('Who may turn which knob.'),
    paused: z.boolean().describe('Both knobs are frozen.'),
    objectiveMs: one.describe('p95 to hold, milliseconds.'),
    replicas: limits.describe('Fewest and most pods.'),
    threads: limits.extend({ initial: one }).describe('Threads, or the in-flight limit, of one process.'),
    processes: limits.describe('Processes of a pod.'),
    maxConcurrency: one.nullable().describe('Most requests that the fleet may have at the store; null without a cap.'),
    warmUpMs: one.describe('A younger pod is not learned from, milliseconds.'),
    scaleUp: z.object({ maxPods: one, maxPercent: one, periodMs: one }).describe('How fast pods are added.'),
    scaleDown: z.object({ enabled: z.boolean(), stabilizationMs: one, maxPercentPerMinute: one }).describe('How fast pods are removed.'),
    evaluation: z.object({ periodMs: one, windowMs: one }).describe('How often is decided, and over what.'),
  });
};

const sampleSchemaOf = ({ one, list }: Numbers) => {
  const reported = one.nullable();
  const histogramSchema = z.object({
    edges: list.describe('Ascending edges of the buckets, seconds.'),
    counts: list.describe('Observations between the edges of this window alone; one entry more than edges, for those above the last.'),
    sum: one.describe('Sum of the observed values, seconds.'),
  });
  return z.object({
    seconds: one.describe('Length of the window, seconds. All counts are differences over it.'),
    ageSeconds: one.describe('Age of the newest scrape at `now`, seconds.'),
    model: z.enum(['threads', 'processes', 'eventloop']),
    knob: z.enum(['threads', 'inflight']),
    gil: z.enum(['on', 'off', 'none']),
    queueVisible: z.boolean().describe('Whether the request times include the whole queue.'),
    threads: one.describe('The knob in force, for each process.'),
    processes: one,
    generation: one,
    arrivals: one,
    completions: one,
    rejected: one,
    serverErrors: one.describe('Answers with a 5xx status among the completions.'),
    inflightSeconds: one.describe('Integral of requests inside, request-seconds.'),
    busyThreadSeconds: reported,
    inflight: one,
    queueDepth: one,
    cpuSeconds: one.describe('CPU of all processes, core-seconds.'),
    busiestProcessCpuSeconds: reported,
    loopLagSeconds: reported,
    gilWaitSeconds: reported,
    gilProbeSeconds: reported,
    gilWaitingThreadSeconds: reported,
    runqueueWaitSeconds: reported,
    throttledSeconds: reported,
    throttledPeriods: reported,
    cpuPeriods: reported,
    lockWaitSeconds: reported,
    request: histogramSchema.describe('Accept to last byte.'),
    queue: histogramSchema.describe('Wait for the pool.'),
    service: histogramSchema.describe('Inside the pool.'),
    store: histogramSchema.describe('Waiting for the store, for each request.'),
  });
};

const windowsSchemaOf = (numbers: Numbers) => {
  const { one } = numbers;
  const reported = one.nullable();
  const scaleSchema = z.object({ replicas: one, threads: one, processes: one });
  const podSchema = z.object({
    name: z.string(),
    node: z.string().nullable(),
    templateHash: z.string().describe('What is learned belongs to a template.'),
    ready: z.boolean(),
    startedAt: reported.describe('Start of the serving container, milliseconds since the epoch; null while it does not run.'),
    readyAt: reported.describe('Since when it has been ready, milliseconds since the epoch; null while it is not.'),
    coreLimit: reported.describe('CPU limit, cores; null without one.'),
    sample: sampleSchemaOf(numbers).nullable().describe('Null: running, but nothing was heard from it.'),
  });
  const blockedSchema = z.object({ reason: z.enum(['Quota', 'Unschedulable', 'Image']), message: z.string(), since: one });
  return z.object({
    current: scaleSchema.describe('What is asked for now.'),
    readyReplicas: one,
    terminating: one.describe('Pods on their way out, which still hold store connections.'),
    rollingOut: z.boolean().describe('A rollout of a new template is under way.'),
    templateHash: z.string().describe('Of the newest template.'),
    blocked: blockedSchema.nullable().describe('Why pods cannot come.'),
    live: z.object({ threads: z.boolean(), processes: z.boolean() }).optional().describe('What every pod can change while it runs; the rest takes a rollout. Absent: both.'),
    pods: z.array(podSchema).max(100_000),
  });
};

const inputSchema = (numbers: Numbers) =>
  z.object({
    spec: specSchemaOf(numbers).describe('The part of a FeatureServer that the law reads; durations in milliseconds.'),
    windows: windowsSchemaOf(numbers).describe('The fleet over the last window.'),
    memory: z.unknown().default(null).describe('`memory` of the last answer for this fleet; null at first.'),
    now: numbers.one.describe('Milliseconds since the epoch.'),
  });

/** The whole input of one decision. Memory is what the last answer gave back; what cannot be read of it counts as none. */
export const recommendInputSchema = inputSchema(anyNumbers);

/** The same for what JSON holds by itself, which is nearly every line, and faster; what it refuses the other one has to judge. */
export const plainInputSchema: z.ZodType<RecommendInput> = inputSchema(plainNumbers);

/** Does not compile when the law takes a field that a record would lose, or the other way round: add it above. */
export const coversTheLaw: Same<z.output<typeof recommendInputSchema>, RecommendInput> = true;
