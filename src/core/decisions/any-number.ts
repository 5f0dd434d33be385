/**
 * Numbers in a record, also those that JSON cannot hold: what a pod claimed is part of why something was decided.
 *
 * @module
 */
import * as z from 'zod';

const written = z.enum(['NaN', 'Infinity', '-Infinity']);
const unwritable = written.transform(Number);

/** A number, or `"NaN"`, `"Infinity"`, `"-Infinity"` for one that JSON cannot hold. */
export const anyNumber = z.union([z.number(), unwritable]);

/** A loop: nine tenths of the numbers of an input stand in histograms. */
const isPlainList = (value: unknown): value is number[] => {
  if (!Array.isArray(value)) return false;
  for (const entry of value) if (typeof entry !== 'number') return false;
  return true;
};

/** How numbers are read. */
export interface Numbers {
  one: z.ZodType<number>;
  list: z.ZodType<number[]>;
}

/** Every number that a record may hold, with what is wrong and where. */
export const anyNumbers: Numbers = { one: anyNumber, list: z.array(anyNumber) };

/** Only those of JSON, in a third of the time and without saying which entry of a list is none. */
export const plainNumbers: Numbers = { one: z.number(), list: z.custom<number[]>(isPlainList) };

/** Replacer for `JSON.stringify` that writes what `anyNumber` reads. */
export const keepNumbers = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
