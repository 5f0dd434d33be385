/**
 * The p95 that a size of the fleet would have: that of its response at this load, plus the wait for a slot.
 *
 * @module
 */
import { cpuBound } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import { response95 } from './response.ts';

/** Above this many slots waiting for one is no part of the p95 unless nearly all are taken. */
const MANY = 512;

/** Probability that all of `slots` are taken when `inside` requests are offered to them on average (Erlang C). */
const allTaken = (slots: number, inside: number): number => {
  if (inside >= slots) return 1;
  if (slots > MANY) return inside / slots > 0.97 ? 1 : 0;
  let blocking = 1;
  for (let server = 1; server <= slots; server += 1) blocking = (inside * blocking) / (server + inside * blocking);
  return (slots * blocking) / (slots - inside * (1 - blocking));
};

/** 95th percentile of the wait for a slot, seconds, in M/M/c. Infinite when more is offered than the slots can hold. */
const slotWait95 = (slots: number, inside: number, hold: number): number => {
  const probability = allTaken(slots, inside);
  if (inside >= slots) return Infinity;
  return probability <= 0.05 ? 0 : (Math.log(probability / 0.05) * hold) / (slots - inside);
};

/** Predicted p95 of a pod with `rate` requests per second, milliseconds; null when it cannot keep up, and where a lock inside decides. */
export const predictP95 = (model: PodModel, rate: number, threads: number, processes: number): number | null => {
  // How long a lock is waited for depends on how it is held, and nobody knows that.
  if (Number.isFinite(model.lockRate)) return null;
  const share = rate / cpuBound(model, processes);
  const wait = slotWait95(processes * threads, rate * model.hold, model.hold);
  if (share >= 1 || !Number.isFinite(wait)) return null;
  return 1000 * (response95(model, share) + wait);
};
