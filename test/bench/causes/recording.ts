/**
 * What one run leaves: a line about the run, then a line for each evaluation with all that the law was given but its memory.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { bottleneckClasses } from '../../../src/api/featureserver-status.ts';
import { scalingModes } from '../../../src/api/featureserver.ts';
import type { RecommendInput } from '../../../src/core/autoscale/types.ts';

/** JSON has no NaN: what a server reported as nonsense comes back as nonsense. */
const number = z.number().nullable().transform((value) => value ?? Number.NaN);
const maybe = z.number().nullable();

const histogramSchema = z.object({ edges: z.array(number), counts: z.array(number), sum: number });

const sampleSchema = z.object({
  seconds: number, ageSeconds: number,
  model: z.enum(['threads', 'processes', 'eventloop']), knob: z.enum(['threads', 'inflight']), gil: z.enum(['on', 'off', 'none']), queueVisible: z.boolean(),
  threads: number, processes: number, generation: number,
  arrivals: number, completions: number, rejected: number, serverErrors: number,
  inflightSeconds: number, busyThreadSeconds: maybe, inflight: number, queueDepth: number,
  cpuSeconds: number, busiestProcessCpuSeconds: maybe,
  loopLagSeconds: maybe, gilWaitSeconds: maybe, gilProbeSeconds: maybe, gilWaitingThreadSeconds: maybe,
  runqueueWaitSeconds: maybe, throttledSeconds: maybe, throttledPeriods: maybe, cpuPeriods: maybe, lockWaitSeconds: maybe,
  request: histogramSchema, queue: histogramSchema, service: histogramSchema, store: histogramSchema,
});

const podSchema = z.object({
  name: z.string(), node: z.string().nullable(), templateHash: z.string(), ready: z.boolean(),
  startedAt: maybe, readyAt: maybe, coreLimit: maybe, sample: sampleSchema.nullable(),
});

const range = z.object({ min: z.number(), max: z.number() });

const specSchema = z.object({
  mode: z.enum(scalingModes), paused: z.boolean(), objectiveMs: z.number(),
  replicas: range, threads: range.extend({ initial: z.number() }), processes: range, maxConcurrency: maybe, warmUpMs: z.number(),
  scaleUp: z.object({ maxPods: z.number(), maxPercent: z.number(), periodMs: z.number() }),
  scaleDown: z.object({ enabled: z.boolean(), stabilizationMs: z.number(), maxPercentPerMinute: z.number() }),
  evaluation: z.object({ periodMs: z.number(), windowMs: z.number() }),
});

const windowSchema = z.object({
  current: z.object({ replicas: z.number(), threads: z.number(), processes: z.number() }),
  readyReplicas: z.number(), terminating: z.number(), rollingOut: z.boolean(), templateHash: z.string(), blocked: z.object({ reason: z.enum(['Quota', 'Unschedulable', 'Image']), message: z.string(), since: z.number() }).nullable(),
  live: z.object({ threads: z.boolean(), processes: z.boolean() }).optional(),
  pods: z.array(podSchema),
});

const evaluationSchema = z.object({
  /** Whether the cause was in force, and since when, seconds. */
  phase: z.enum(['before', 'during']),
  sinceOnsetSeconds: z.number(),
  /** Cores used by other programs and by the host since the last evaluation. */
  foreignCores: z.number(),
  stealCores: z.number(),
  input: z.object({ spec: specSchema, windows: windowSchema, now: z.number() }),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

const loadSchema = z.object({ sent: z.number(), answered: z.number(), p50Ms: maybe, p95Ms: maybe, perSecond: z.number(), failures: z.string() });

/** Effect of removing each cause of a mix: answered per second and p95 with both, then without each. */
const removalSchema = z.object({ cause: z.enum(bottleneckClasses), perSecond: z.number(), p95Ms: maybe, gain: z.number() });
export type Removal = z.infer<typeof removalSchema>;

const headSchema = z.object({
  version: z.literal(1),
  scenario: z.string(),
  truth: z.enum(bottleneckClasses),
  split: z.enum(['training', 'held-out']),
  server: z.string(),
  setting: z.record(z.string(), z.unknown()),
  at: z.string(),
  machine: z.record(z.string(), z.unknown()),
  capacityPerSecond: z.number(),
  /** What clients felt, before and during. */
  before: loadSchema,
  during: loadSchema,
  foreignCores: z.number(),
  stealCores: z.number(),
  removals: z.array(removalSchema),
});
export type RecordingHead = z.infer<typeof headSchema>;

export interface Recording {
  readonly head: RecordingHead;
  readonly evaluations: readonly Evaluation[];
}

/** The law's input of an evaluation, with the memory that is carried. */
export const inputOf = ({ input }: Evaluation, memory: unknown): RecommendInput => ({ ...input, memory });

export const serialise = ({ head, evaluations }: Recording): string => [head, ...evaluations].map((line) => `${JSON.stringify(line)}\n`).join('');

/** @throws Error naming the file and the line */
export const parseRecording = (text: string, name: string): Recording => {
  const [head, ...rest] = text.split('\n').filter((line) => line !== '');
  const parsed = <T>(schema: z.ZodType<T>, line: string | undefined, index: number): T => {
    const result = schema.safeParse(JSON.parse(line ?? 'null'));
    if (!result.success) throw new Error(`${name}:${index + 1} is no line of a recording: ${z.prettifyError(result.error)}`);
    return result.data;
  };
  return { head: parsed(headSchema, head, 0), evaluations: rest.map((line, index) => parsed(evaluationSchema, line, index + 1)) };
};

/** Recordings of files and of folders of `.jsonl` files. */
export const readRecordings = (paths: readonly string[]): Recording[] =>
  paths
    .flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).filter((name) => name.endsWith('.jsonl')).toSorted().map((name) => join(path, name)) : [path]))
    .map((file) => parseRecording(readFileSync(file, 'utf8'), file));

/** Writes `SCENARIO-N.jsonl` into a folder, under the first number that is free. */
export const writeRecording = (folder: string, recording: Recording): string => {
  mkdirSync(folder, { recursive: true });
  const taken = new Set(readdirSync(folder));
  const nameOf = (number: number): string => `${recording.head.scenario}-${number}.jsonl`;
  let number = 1;
  while (taken.has(nameOf(number))) number += 1;
  const file = join(folder, nameOf(number));
  writeFileSync(file, serialise(recording));
  return file;
};
