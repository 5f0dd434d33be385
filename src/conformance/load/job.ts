/**
 * What the load generator's process is told, and what it tells.
 *
 * @module
 */
import * as z from 'zod';

const jobSchema = z.object({
  /** Such as `http://127.0.0.1:6566`. */
  origin: z.string(),
  path: z.string(),
  /** The same body again and again; null: synthetic requests of the shape. */
  body: z.string().nullable(),
  /** Entities x features. */
  shape: z.string(),
  mode: z.discriminatedUnion('kind', [
    /** Poisson arrivals, whatever the server does. */
    z.object({ kind: z.literal('open'), perSecond: z.number().positive() }),
    /** So many clients, each waiting for its answer. */
    z.object({ kind: z.literal('closed'), clients: z.int().positive() }),
  ]),
  /** Sends for so long, or until it is told to stop. */
  seconds: z.number().positive(),
  /** False: a connection for each request. */
  keepAlive: z.boolean(),
  /** Longest wait for one answer, ms. */
  timeoutMs: z.number().positive(),
  seed: z.int(),
});
export type LoadJob = z.infer<typeof jobSchema>;

export const toGeneratorSchema = z.discriminatedUnion('type', [z.object({ type: z.literal('start'), job: jobSchema }), z.object({ type: z.literal('stop') })]);
export type ToGenerator = z.infer<typeof toGeneratorSchema>;

const milliseconds = z.number().nullable();
const resultSchema = z.object({
  sent: z.int(),
  /** Answers by status. */
  statuses: z.record(z.string(), z.int()),
  /** Requests without an answer, by cause. */
  errors: z.record(z.string(), z.int()),
  /** What the first answer that was not 200 said; empty when there was none. */
  firstRefusal: z.string(),
  /** Answers with 503 and no `Retry-After`. */
  silentRefusals: z.int(),
  /** From the first request to the last answer. */
  seconds: z.number(),
  /** Of answers with 200, from the scheduled arrival; null when there was none. */
  p50Ms: milliseconds,
  p95Ms: milliseconds,
  slowestMs: milliseconds,
  /** Every answer with 200, from the scheduled arrival and from the moment of sending, ascending. */
  latenciesMs: z.array(z.number()),
  fromSendingMs: z.array(z.number()),
  /** CPU time of the generator; near one second a second it measures itself. */
  generatorCpuSeconds: z.number(),
  /** Times of more than 10 ms in which the generator did not run: their share of the whole, and the longest, ms. */
  pausedShare: z.number(),
  longestPauseMs: z.number(),
});
export type LoadResult = z.infer<typeof resultSchema>;

export const fromGeneratorSchema = z.discriminatedUnion('type', [z.object({ type: z.literal('ready') }), z.object({ type: z.literal('result'), result: resultSchema })]);
export type FromGenerator = z.infer<typeof fromGeneratorSchema>;

/** Answers with 200. */
export const answeredOf = ({ statuses }: LoadResult): number => statuses['200'] ?? 0;

/** Everything that was not answered with 200, in words; empty when all was. */
export const failuresOf = ({ statuses, errors, firstRefusal }: LoadResult): string => {
  const wrong = Object.entries(statuses).filter(([status]) => status !== '200').map(([status, count]) => `${count} x status ${status}`);
  const said = firstRefusal === '' ? '' : ` (the first: ${firstRefusal})`;
  return [...wrong, ...Object.entries(errors).map(([cause, count]) => `${count} x ${cause}`)].join(', ') + said;
};
