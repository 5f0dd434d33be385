/**
 * The load to be ready for: what is offered now, lately, and by the time that a new pod could help.
 *
 * @module
 */
import type { Facts } from './measure.ts';
import { addToSlots } from './slots.ts';
import type { Slot } from './slots.ts';
import type { AutoscaleSpec } from './types.ts';

/** The long window is so many short ones: 60 s with the default of 15 s. */
const LONG_WINDOWS = 4;
/** Seconds in which a backlog should be worked off. */
const CATCH_UP_SECONDS = 30;

/** Adds this evaluation's offered rate to the history under the long window. */
export const rememberOffered = (offered: readonly Slot[], facts: Facts, spec: AutoscaleSpec): Slot[] =>
  addToSlots(offered, facts.offered, facts.now, LONG_WINDOWS * spec.evaluation.windowMs, (_old, newest) => newest);

/**
 * Growth in requests per second each second, less one standard error: noise on a steady load must not look like a rise.
 * Zero with fewer than four points.
 */
export const growth = (offered: readonly Slot[]): number => {
  const n = offered.length;
  if (n < 4) return 0;
  const meanT = offered.reduce((total, [at]) => total + at / 1000, 0) / n;
  const meanV = offered.reduce((total, [, value]) => total + value, 0) / n;
  const spread = offered.reduce((total, [at]) => total + (at / 1000 - meanT) ** 2, 0);
  if (spread <= 0) return 0;
  const slope = offered.reduce((total, [at, value]) => total + (at / 1000 - meanT) * (value - meanV), 0) / spread;
  const squares = offered.reduce((total, [at, value]) => total + (value - meanV - slope * (at / 1000 - meanT)) ** 2, 0);
  return Math.max(0, slope - Math.sqrt(squares / (n - 2) / spread));
};

/**
 * `λ̂ = max(λ over the window, λ over four) + growth · (time to ready + one evaluation) + backlog / 30 s`, requests per second.
 * Offered load: rejected requests count. What the growth adds is at most the load itself.
 */
export const expectedDemand = (offered: readonly Slot[], facts: Facts, spec: AutoscaleSpec): number => {
  const long = offered.reduce((total, [, value]) => total + value, 0) / Math.max(1, offered.length);
  const load = Math.max(facts.offered, long);
  const ahead = facts.startSeconds + spec.evaluation.periodMs / 1000;
  return load + Math.min(load, growth(offered) * ahead) + facts.backlog / CATCH_UP_SECONDS;
};
