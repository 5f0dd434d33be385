/**
 * A part of a trace as a run's load.
 *
 * @module
 */
import type { RatePoint } from './arrivals.ts';

/** The rates from `startSeconds` on, each times `scale`, with time counted from there. */
export const cutTrace = (points: readonly RatePoint[], startSeconds: number, scale: number): RatePoint[] => {
  const first = Math.max(0, points.findLastIndex(({ seconds }) => seconds <= startSeconds));
  return points.slice(first).map(({ seconds, rate }) => ({ seconds: Math.max(0, seconds - startSeconds), rate: rate * scale }));
};
