/**
 * Evidence that requests wait for something inside that more slots do not bring: a store that is full, or a lock.
 *
 * @module
 */
import type { Seen } from './classes/rule.ts';
import { hasIdleCpu, LARGE_SHARE } from './classes/signals.ts';
import { ms } from './classes/words.ts';
import { isPoolFullNow, MOST_BUSY } from './full-pool.ts';
import { LEAST_REST, provenBy } from './proof.ts';

/** Answers below this share of the offered load, while slots and CPU are free: something behind the pool is the limit. */
const SWAMPED = 0.9;
/** A saturated store of a calm day is at least so much slower (control-law.md, STORE). */
const SLOWER_STORE = 1.5;

/** Slots are free in the mean and now, in a window that lies behind the last change of the pool: one that began before it tells of both sizes. */
const isSwamped = ({ facts, poolMovedAt }: Seen): boolean =>
  hasIdleCpu(facts) && facts.offered > 0 && facts.answered < SWAMPED * facts.offered && (facts.inUse ?? 1) < MOST_BUSY && !isPoolFullNow(facts) && facts.windowBegan >= (poolMovedAt ?? 0);

/**
 * Evidence that the store is full, as a sentence; null without: a proof by pools of two sizes, or answers that stay behind the load while
 * slots and CPU are free and the store takes longer than on a calm day.
 */
export const storeIsFull = (seen: Seen): string | null => {
  const { facts, learned, proof } = seen;
  if (facts.store === null || facts.store < LARGE_SHARE * (facts.service ?? 0)) return null;
  const proven = provenBy('STORE', proof, facts);
  if (proven !== null) return proven;
  const { calmStore } = learned;
  if (!isSwamped(seen) || facts.service === null || calmStore === null || facts.store < SLOWER_STORE * calmStore) return null;
  return `the store takes ${ms(facts.store)} where it took ${ms(calmStore)}, and ${Math.round(facts.answered)} of ${Math.round(facts.offered)} requests/s are answered although slots and CPU are free`;
};

/** Evidence of a lock or a pool of connections that nobody declared, as a sentence; null without. */
export const lockIsFull = (seen: Seen): string | null => {
  const { facts, learned, proof } = seen;
  const { rest, service } = facts;
  if (rest === null || service === null || rest < LARGE_SHARE * service) return null;
  const proven = provenBy('LOCK', proof, facts);
  if (proven !== null) return proven;
  if (!isSwamped(seen) || learned.calmRest === null || rest < Math.max(LEAST_REST, 2 * learned.calmRest)) return null;
  return `${ms(rest)} of ${ms(service)} are neither CPU nor store, where it was ${ms(learned.calmRest)}, and answers stay behind the load although slots and CPU are free`;
};
