/**
 * A decision on record: what came in and what came out, whole, as one line of JSON.
 *
 * @module
 */
import * as z from 'zod';
import type { RecommendInput, Recommendation } from '../autoscale/types.ts';
import { keepNumbers } from './any-number.ts';
import { plainInputSchema, recommendInputSchema } from './input-schema.ts';
import { problemsOf } from './problems.ts';

const objectSchema = z.object({ namespace: z.string(), name: z.string(), uid: z.string() });
/** The FeatureServer that was decided on. */
export type DecidedObject = z.infer<typeof objectSchema>;

/** An answer of any version of the law: what this one does not know stays in it. */
const outputSchema = z.looseObject({ scale: z.looseObject({}), class: z.string(), reason: z.string(), message: z.string() });

const recordSchema = <T extends z.ZodType<RecommendInput>>(input: T) =>
  z.object({
    version: z.literal(1).describe('Of this format.'),
    object: objectSchema.describe('The FeatureServer.'),
    at: z.string().describe('When, RFC 3339: `input.now` for people.'),
    input: input.describe('All that the decision was made from; the size before is `windows.current`.'),
    output: outputSchema.describe('The whole recommendation: size after, class, evidence, reason, candidates, guard, bound, coverage and age of the data.'),
  });

export const decisionRecordSchema = recordSchema(recommendInputSchema);
const plainRecordSchema = recordSchema(plainInputSchema);
/** A record as it is read. */
export type DecisionRecord = z.infer<typeof decisionRecordSchema>;

/** One evaluation, as it happened. */
export interface Evaluation {
  object: DecidedObject;
  input: RecommendInput;
  output: Recommendation;
}

/** 8.64e15 ms is the last moment that a date can hold. */
const timeText = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'unknown');

/** One line, without its end. */
export const recordLine = ({ object, input, output }: Evaluation): string =>
  JSON.stringify({ version: 1, object, at: timeText(input.now), input, output }, keepNumbers);

/** A line that could be read, or what is wrong with it and where. */
export type Read<T> = { ok: true; value: T } | { ok: false; problem: string };

const noJson = 'not JSON: ';

/** Reads a line of JSON: under the fast schema, and under the exact one when that refuses it. */
const readJson = <T>(line: string, fast: z.ZodType<T>, exact: z.ZodType<T>): Read<T> => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { ok: false, problem: `${noJson}${Error.isError(error) ? error.message : String(error)}` };
  }
  const plain = fast.safeParse(value);
  if (plain.success) return { ok: true, value: plain.data };
  const parsed = exact.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problem: problemsOf(parsed.error) };
};

/** Reads a line of `plateau recommend`. */
export const readInput = (line: string): Read<RecommendInput> => readJson(line, plainInputSchema, recommendInputSchema);

/** The engine's own words about JSON change from version to version; a replay's must not. */
const notJson = (line: string): string => `not JSON; its ${line.length} characters end in ${JSON.stringify(line.slice(-24))}`;

/** Reads a line of a file of decisions. */
export const readRecord = (line: string): Read<DecisionRecord> => {
  const read = readJson(line, plainRecordSchema, decisionRecordSchema);
  return read.ok || !read.problem.startsWith(noJson) ? read : { ok: false, problem: notJson(line) };
};
