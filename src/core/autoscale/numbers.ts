/**
 * Arithmetic that stays total: what is not a finite number never gets past this file.
 *
 * @module
 */

/** `value` when it is finite, else `fallback`. */
export const finiteOr = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : fallback;

/** True for a finite number that is not negative: what a count or a duration has to be. */
export const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Infinity;

/** A reported optional count: null when it is absent or impossible. */
export const countOrNull = (value: unknown): number | null => (isCount(value) ? value : null);

/** `value` between `low` and `high`; `low` wins when they cross. */
export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/** A whole number between `low` and `high`; a non-finite value becomes `fallback`. */
export const wholeBetween = (value: unknown, low: number, high: number, fallback: number): number =>
  clamp(Math.round(finiteOr(value, fallback)), low, high);

/** Quotient, or null where it has no meaning. */
export const ratio = (above: number, below: number): number | null => {
  const quotient = above / below;
  return below > 0 && Number.isFinite(quotient) ? quotient : null;
};

/** Middle value (the upper one of two); null without values. Robust against one that lies. */
export const median = (values: readonly number[]): number | null => {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
};

/** Exponentially weighted mean; the first value is taken as it is. */
export const smooth = (old: number | null, value: number, weight: number): number =>
  old === null ? value : old + weight * (value - old);

/** `value` with `digits` significant digits: memory has to stay small as JSON. */
export const significant = (value: number, digits = 4): number => Number(value.toPrecision(digits));

/** Whole number no matter what tiny error the division before it made: 3.0000000001 pods are 3. */
export const ceilTolerant = (value: number): number => Math.ceil(value - 1e-9 * Math.max(1, Math.abs(value)));
