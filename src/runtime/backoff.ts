/**
 * How long to wait before the next attempt.
 *
 * @module
 */
import type { Random } from './ports.ts';

export interface BackoffOptions {
  /** Longest possible first wait, ms. */
  readonly baseMs: number;
  /** Longest possible wait at all, ms. */
  readonly maxMs: number;
}

/** `baseMs · 2^failures`, at most `maxMs`; `failures` counts from 0. */
export const exponentialMs = ({ baseMs, maxMs }: BackoffOptions, failures: number): number =>
  Math.min(maxMs, baseMs * 2 ** Math.min(failures, 52));

/**
 * Exponential backoff with full jitter: uniform between 0 and the exponential ceiling, so that clients that failed
 * together do not come back together (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export const fullJitterMs = (options: BackoffOptions, failures: number, random: Random): number =>
  random() * exponentialMs(options, failures);

/** Exponential backoff with equal jitter: between half the ceiling and the ceiling, for retries that must not be immediate. */
export const equalJitterMs = (options: BackoffOptions, failures: number, random: Random): number =>
  exponentialMs(options, failures) * (0.5 + random() / 2);
