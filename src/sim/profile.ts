/**
 * The profile of a simulated fleet: what a request costs, what serves it, and what changes on the way.
 *
 * @module
 */
import * as z from 'zod';

const milliseconds = z.number().min(0).max(600_000);
const cores = z.number().min(0.01).max(1024);

const fields = {
  /** `threads`: a blocking thread holds each request. `eventloop`: a loop holds up to a limit of them. */
  model: z.enum(['threads', 'eventloop']),
  /** CPU of a request, and the part of it that holds the interpreter lock or the loop (absent: all of it). */
  cpuMs: milliseconds,
  gilMs: milliseconds.optional(),
  /** Sigma of a lognormal factor of mean 1 on the CPU of each request. */
  cpuSigma: z.number().min(0).max(3),
  storeMs: z.strictObject({ median: milliseconds, sigma: z.number().min(0).max(3) }),
  /** Most requests that the store serves at once, for the whole fleet; null without a limit. */
  storeConcurrency: z.int().min(1).max(1_000_000).nullable(),
  /** CPU limit of a pod; null without one. */
  coreLimit: cores.nullable(),
  /** False: the limit is a share of the CPU at each moment, as with a limit by weight, and not a quota for each 100 ms. */
  throttling: z.boolean(),
  /** Cores that a pod and its neighbours share; absent: see docs/simulation.md. */
  nodeCores: cores.nullable(),
  neighbourCores: z.number().min(0).max(1024),
  /** Processes of a pod at the start of the run. */
  processes: z.int().min(1).max(64),
  startupSeconds: z.number().min(0).max(3600),
  /** Requests that wait in a pod before it turns more away; null without a limit. */
  queueLimit: z.int().min(0).max(1_000_000).nullable(),
  balancing: z.enum(['random', 'roundRobin']),
  /** Age of a scrape when it becomes known, and relative sigma of the noise on CPU counters. */
  scrapeDelaySeconds: z.number().min(0).max(600),
  scrapeNoise: z.number().min(0).max(1),
  /** Template hash of the pods: another one tells that a change is a deploy. */
  template: z.string().min(1).max(63),
};

const change = z.strictObject(fields).partial().extend({ atSeconds: z.number().min(0).max(1e9) });

const schema = z.strictObject({
  model: fields.model,
  cpuMs: fields.cpuMs,
  gilMs: fields.gilMs,
  cpuSigma: fields.cpuSigma.default(0),
  storeMs: fields.storeMs,
  storeConcurrency: fields.storeConcurrency.default(null),
  coreLimit: fields.coreLimit.default(1),
  throttling: fields.throttling.default(true),
  nodeCores: fields.nodeCores.default(null),
  neighbourCores: fields.neighbourCores.default(0),
  processes: fields.processes.default(1),
  startupSeconds: fields.startupSeconds.default(20),
  queueLimit: fields.queueLimit.default(1000),
  balancing: fields.balancing.default('random'),
  scrapeDelaySeconds: fields.scrapeDelaySeconds.default(0.1),
  scrapeNoise: fields.scrapeNoise.default(0.02),
  template: fields.template.default('a'),
  changes: z.array(change).max(10_000).default([]),
});

export type Profile = z.infer<typeof schema>;
/** The fields in force at one moment. */
export type Conditions = Omit<Profile, 'changes'>;

/** A profile that cannot be used; the message names the field and what it must be. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

const sentence = (issue: z.core.$ZodIssue): string => `${issue.path.length === 0 ? 'the profile' : issue.path.join('.')}: ${issue.message}`;

/** Reads a profile. @throws ProfileError that names every wrong field */
export const parseProfile = (value: unknown): Profile => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ProfileError(parsed.error.issues.map(sentence).join('; '));
  return { ...parsed.data, changes: parsed.data.changes.toSorted((a, b) => a.atSeconds - b.atSeconds) };
};

/** The fields in force at `seconds` after the start. */
export const conditionsAt = ({ changes, ...first }: Profile, seconds: number): Conditions => {
  let conditions: Conditions = first;
  for (const { atSeconds, ...change } of changes) {
    if (atSeconds > seconds) break;
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    conditions = { ...conditions, ...given };
  }
  return conditions;
};
