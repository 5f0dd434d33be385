/**
 * Pools that are full, and what they answered: what a pool of another size is compared with (proof.ts).
 *
 * @module
 */
import type { Facts } from './measure.ts';
import type { FullPoint } from './memory.ts';
import { significant } from './numbers.ts';

/** How long a point counts for a comparison: between older ones the store or the requests may have changed. */
const PAIR_MS = 150_000;
const POINTS = 6;

/** Share of the slots that may hold a request before a pool counts as full. */
export const MOST_BUSY = 0.9;

/** True when nearly every slot held a request over the window and others waited for one. */
export const isPoolFull = (facts: Facts): boolean =>
  (facts.inUse ?? 0) >= MOST_BUSY && (facts.backlog > 0 || facts.queue > 0.05 * (facts.response ?? Infinity) || facts.rejected > 0);

/** Requests that wait at a moment mean something from half as many as there are slots on: one or two wait now and then before a small pool that is idle on average. */
const standing = (slots: number): number => Math.max(2, slots / 2);

/** True when at this moment nearly every slot holds a request and a queue stands. */
export const isPoolFullNow = ({ backlog, busySlotsNow, slots }: Facts): boolean => backlog >= standing(slots) && busySlotsNow >= MOST_BUSY * slots;

const filled = (facts: Facts): FullPoint => ({
  at: facts.now,
  slots: facts.slots,
  answered: significant(facts.answered),
  store: significant(facts.store ?? 0),
  pods: facts.pods.reporting,
  rest: significant(facts.rest ?? 0),
});

/** The size of a pool that is not full says nothing: what counts is how many slots hold a request. Pods that are not heard hold as many as the others, or fewer pods would read as fewer requests. */
const unfilled = (facts: Facts): FullPoint => {
  const all = facts.coverage > 0 ? 1 / facts.coverage : 1;
  return { ...filled(facts), slots: Math.floor(all * Math.min(facts.slots, facts.busySlots)), answered: significant(all * facts.answered), pods: Math.round(all * facts.pods.reporting) };
};

/** This window as a point. */
export const pointOf = (facts: Facts): FullPoint => (isPoolFull(facts) ? filled(facts) : unfilled(facts));

/** Points that are young enough to be compared with this window. */
export const recentPoints = (full: readonly FullPoint[], { now }: Facts): FullPoint[] => full.filter(({ at }) => at <= now && now - at < PAIR_MS);

/** Notes down what a full pool of this many slots answered: the raw material of the comparison. */
export const noteFullPool = (full: readonly FullPoint[], facts: Facts): FullPoint[] => {
  const known = recentPoints(full, facts);
  if (!isPoolFull(facts)) return known;
  return [...known.filter(({ slots, pods }) => slots !== facts.slots || pods !== facts.pods.reporting), pointOf(facts)].slice(-POINTS);
};
