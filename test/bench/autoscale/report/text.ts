/**
 * Differences as text.
 *
 * @module
 */
import type { Interval } from '../compare.ts';

/** With its sign; what rounds to zero has none. */
export const signed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  if (Number(text) === 0) return (0).toFixed(digits);
  return value > 0 ? `+${text}` : text;
};

/** `mean [low, high]`; the mean alone where there is no interval. */
export const intervalText = ({ mean, low, high }: Interval, digits: number, unit = ''): string =>
  `${signed(mean, digits)}${unit}${Number.isNaN(low) ? '' : ` [${signed(low, digits)}, ${signed(high, digits)}]`}`;
