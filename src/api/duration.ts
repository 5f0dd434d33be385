/**
 * Go-style durations (`30ms`, `1.5s`, `5m`), the form Kubernetes users write.
 *
 * @module
 */
import * as z from 'zod';
import { checkedBy, durationRule } from './cel-rules.ts';

const unitMs = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMs;

/**
 * One or more numbers with a unit; no sign, since no field of ours can be negative. RE2-compatible: it goes into the CRD.
 * Six digits a number and sixteen characters in all keep every accepted text under the 292 years that CEL's duration() holds.
 */
const durationPattern = '^([0-9]{1,6}([.][0-9]{1,9})?(ns|us|µs|ms|s|m|h))+$';
/** Longest text of a duration, in characters. */
const durationMaxLength = 16;
const whole = new RegExp(durationPattern, 'u');
const part = /([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)/gu;

const isUnit = (text: string): text is Unit => Object.hasOwn(unitMs, text);

/** Milliseconds of a Go-style duration, or undefined when the text is none. */
export const parseDuration = (text: string): number | undefined => {
  if (text.length > durationMaxLength || !whole.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(part)) {
    if (isUnit(unit)) total += Number(amount) * unitMs[unit];
  }
  return total;
};

/**
 * Milliseconds of a duration that a schema has already accepted.
 *
 * @throws RangeError when the text is no duration: the caller skipped the schema.
 */
export const durationMs = (text: string): number => {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is not a duration; write it like 30ms, 1.5s or 5m`);
  return parsed;
};

/** Milliseconds to the nanosecond, without what arithmetic leaves behind that: 1000 × 0.0637 is 63.699999999999996. */
export const roundedMs = (ms: number): number => Number(ms.toFixed(6));

/** A number of a duration has at most six digits before its point: from here on it is written in seconds, ms. */
const longestInMs = 1e6;

/**
 * Milliseconds as a text that the schema accepts, to the nanosecond; from 1000 s on to the microsecond. More digits would make the text too long.
 */
export const durationText = (ms: number): string => {
  const rounded = roundedMs(ms);
  return rounded < longestInMs ? `${rounded}ms` : `${Number((rounded / 1000).toFixed(6))}s`;
};

const isDuration = (text: string): boolean => parseDuration(text) !== undefined;

/** Schema of a duration without bounds. The check is a refinement and no pattern, so that the API server answers with CEL's sentence and not with a regular expression. */
export const durationSchema = z.string().max(durationMaxLength).refine(isDuration, { error: 'not a duration; write it like 30ms, 1.5s or 5m' });

/**
 * Schema of a duration between two durations, both included. The bounds bind at the API server only: an object stored under
 * other bounds must stay readable.
 */
export const durationBetween = (min: string, max: string) => durationSchema.meta(checkedBy(durationRule(durationPattern, min, max)));
