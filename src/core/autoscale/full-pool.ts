/**
 * What a full pool of another size taught: where more requests are let in at once and no more come out, what they wait for inside is the limit.
 * The store is shared, so the whole fleet is compared; a lock is one pod's, so pods are.
 *
 * @module
 */
import type { Seen } from './classes/rule.ts';
import { hasCpuLeft, hasIdleCpu, LARGE_SHARE } from './classes/signals.ts';
import { ms } from './classes/words.ts';
import type { Facts } from './measure.ts';
import type { FullPoint, Proof } from './memory.ts';
import { significant } from './numbers.ts';

/** How long a point counts for a comparison: between older ones the store or the requests may have changed. */
const PAIR_MS = 150_000;
/** How long what was proven counts. */
const PROOF_MS = 15 * 60_000;
const POINTS = 6;

/** Share of the slots that may hold a request before a pool counts as full. */
export const MOST_BUSY = 0.9;
/** Answers below this share of the offered load, while slots and CPU are free: something behind the pool is the limit. */
const SWAMPED = 0.9;

/** So many times the slots that answer at most so many times as much, each waiting at least so many times as long. */
const MORE_SLOTS = 1.3;
const SAME_ANSWERS = 1.1;
const LONGER = 1.3;
/** A saturated store of a calm day is at least so much slower (control-law.md, STORE). */
const SLOWER_STORE = 1.5;
/** A rest that small is no cause, whatever it was before. */
const LEAST_REST = 0.002;

/** True when nearly every slot held a request over the window and others waited for one. */
export const isPoolFull = (facts: Facts): boolean =>
  (facts.inUse ?? 0) >= MOST_BUSY && (facts.backlog > 0 || facts.queue > 0.05 * (facts.response ?? Infinity) || facts.rejected > 0);

/** Requests that wait at a moment mean something from half as many as there are slots on: one or two wait now and then before a small pool that is idle on average. */
const standing = (slots: number): number => Math.max(2, slots / 2);

/** True when at this moment nearly every slot holds a request and a queue stands. */
export const isPoolFullNow = ({ backlog, busySlotsNow, slots }: Facts): boolean => backlog >= standing(slots) && busySlotsNow >= MOST_BUSY * slots;

/** Slots are free in the mean and now, in a window that lies behind the last change of the pool: one that began before it tells of both sizes. */
const isSwamped = ({ facts, poolMovedAt }: Seen): boolean =>
  hasIdleCpu(facts) && facts.offered > 0 && facts.answered < SWAMPED * facts.offered && (facts.inUse ?? 1) < MOST_BUSY && !isPoolFullNow(facts) && facts.windowBegan >= (poolMovedAt ?? 0);

const pointOf = (facts: Facts): FullPoint => ({
  at: facts.now,
  slots: facts.slots,
  answered: significant(facts.answered),
  store: significant(facts.store ?? 0),
  pods: facts.pods.reporting,
  rest: significant(facts.rest ?? 0),
});

const recent = (full: readonly FullPoint[], { now }: Facts): FullPoint[] => full.filter(({ at }) => at <= now && now - at < PAIR_MS);

/** Notes down what a full pool of this many slots answered: the raw material of the comparison. */
export const noteFullPool = (full: readonly FullPoint[], facts: Facts): FullPoint[] => {
  const known = recent(full, facts);
  if (!isPoolFull(facts)) return known;
  return [...known.filter(({ slots, pods }) => slots !== facts.slots || pods !== facts.pods.reporting), pointOf(facts)].slice(-POINTS);
};

const storeProof = (fewer: FullPoint, more: FullPoint): boolean =>
  more.slots >= MORE_SLOTS * fewer.slots && more.answered <= SAME_ANSWERS * fewer.answered && more.store >= LONGER * fewer.store && more.store - fewer.store >= more.rest - fewer.rest;

/** Per pod: pods bring locks of their own. */
const lockProof = (fewer: FullPoint, more: FullPoint): boolean => {
  const [few, many] = [scaleOf('LOCK', fewer), scaleOf('LOCK', more)];
  return many.slots >= MORE_SLOTS * few.slots && many.answered <= SAME_ANSWERS * few.answered && more.rest >= Math.max(LEAST_REST, LONGER * fewer.rest);
};

const proofBetween = (one: FullPoint, other: FullPoint): Omit<Proof, 'at'> | null => {
  const [fewer, more] = one.slots < other.slots ? [one, other] : [other, one];
  if (storeProof(fewer, more)) return { kind: 'STORE', fewer, more };
  return lockProof(fewer, more) ? { kind: 'LOCK', fewer, more } : null;
};

/** Slots and answers of the fleet for a store, of a pod for a lock. */
const scaleOf = (kind: Proof['kind'], { slots, answered, pods }: Pick<FullPoint, 'slots' | 'answered' | 'pods'>): { slots: number; answered: number } =>
  kind === 'STORE' ? { slots, answered } : { slots: slots / Math.max(1, pods), answered: answered / Math.max(1, pods) };

/**
 * Whether what was proven still describes the fleet: it answers no more than then, and with its slots taken away no less. A store that had only become
 * slower just then looks full for a moment, and answers less with fewer slots.
 */
const stillHolds = ({ kind, at, fewer, more }: Proof, facts: Facts): boolean => {
  const now = scaleOf(kind, { slots: facts.slots, answered: facts.answered, pods: facts.pods.reporting });
  const [few, many] = [scaleOf(kind, fewer), scaleOf(kind, more)];
  const isDisproven = isPoolFull(facts) && facts.windowBegan > at && now.slots <= SAME_ANSWERS * few.slots && now.answered < few.answered / SAME_ANSWERS;
  return at <= facts.now && facts.now - at < PROOF_MS && now.answered <= 1.2 * many.answered && !isDisproven;
};

/** A loop that lags by more than this share of a wait may be what is waited for; at 0.75 core it lagged by 2 % of the time that a full store took (measured). */
const MOST_LAG = 0.1;
const isLoopsOwn = ({ kind, more }: Pick<Proof, 'kind' | 'more'>, { loopLag }: Facts): boolean => (loopLag ?? 0) > MOST_LAG * (kind === 'STORE' ? more.store : more.rest);

/** The newest proof, kept while it holds. Nothing is proven while the CPU or a loop is used up: waiting for it lengthens every other wait. */
export const noteProof = (proof: Proof | null, full: readonly FullPoint[], facts: Facts): Proof | null => {
  if (isPoolFull(facts) && hasCpuLeft(facts)) {
    const now = pointOf(facts);
    for (const before of recent(full, facts)) {
      const found = before.slots === now.slots ? null : proofBetween(before, now);
      if (found !== null && !isLoopsOwn(found, facts)) return { ...found, at: facts.now };
    }
  }
  return proof !== null && stillHolds(proof, facts) ? proof : null;
};

const comparison = ({ fewer, more, kind }: Proof): string => {
  const wait = (point: FullPoint) => ms(kind === 'STORE' ? point.store : point.rest);
  const [from, each] = kind === 'STORE' ? ['the store', ''] : ['the pods', ' of unexplained wait'];
  return `${more.slots} slots get ${Math.round(more.answered)}/s from ${from} at ${wait(more)}${each}, ${fewer.slots} slots got ${Math.round(fewer.answered)}/s at ${wait(fewer)}${each}`;
};

/**
 * Evidence that the store is full, as a sentence; null without: a proof by pools of two sizes, or answers that stay behind the load while
 * slots and CPU are free and the store takes longer than on a calm day.
 */
export const storeIsFull = (seen: Seen): string | null => {
  const { facts, learned, proof } = seen;
  if (facts.store === null) return null;
  if (proof?.kind === 'STORE' && isPoolFull(facts)) return comparison(proof);
  const { calmStore } = learned;
  if (!isSwamped(seen) || calmStore === null || facts.store < SLOWER_STORE * calmStore || facts.store < LARGE_SHARE * (facts.service ?? Infinity)) return null;
  return `the store takes ${ms(facts.store)} where it took ${ms(calmStore)}, and ${Math.round(facts.answered)} of ${Math.round(facts.offered)} requests/s are answered although slots and CPU are free`;
};

/** Evidence of a lock or a pool of connections that nobody declared, as a sentence; null without. */
export const lockIsFull = (seen: Seen): string | null => {
  const { facts, learned, proof } = seen;
  const { rest, service } = facts;
  if (rest === null || service === null || rest < LARGE_SHARE * service) return null;
  if (proof?.kind === 'LOCK' && isPoolFull(facts)) return comparison(proof);
  if (!isSwamped(seen) || learned.calmRest === null || rest < Math.max(LEAST_REST, 2 * learned.calmRest)) return null;
  return `${ms(rest)} of ${ms(service)} are neither CPU nor store, where it was ${ms(learned.calmRest)}, and answers stay behind the load although slots and CPU are free`;
};
