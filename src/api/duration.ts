/**
 * Go-style durations (`30ms`, `1.5s`, `5m`), the form Kubernetes users write.
 *
 * @module
 */
import * as z from 'zod';

const unitMs = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMs;

/** One or more numbers with a unit; no sign, since no field of ours can be negative. RE2-compatible: it goes into the CRD. */
export const durationPattern = '^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$';
const whole = new RegExp(durationPattern, 'u');
const part = /([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)/gu;

const isUnit = (text: string): text is Unit => Object.hasOwn(unitMs, text);

/** Milliseconds of a Go-style duration, or undefined when the text is none. */
export const parseDuration = (text: string): number | undefined => {
  if (!whole.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(part)) {
    if (isUnit(unit)) total += Number(amount) * unitMs[unit];
  }
  return Number.isFinite(total) ? total : undefined;
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

/** Schema of a duration field. */
export const durationSchema = z
  .string()
  .max(32)
  .regex(whole, { error: 'not a duration; write it like 30ms, 1.5s or 5m' });
