/**
 * What a pool of another size taught: where more requests are let in at once and no more come out, what they wait for inside is the limit.
 * The store is shared, so the whole fleet is compared; a lock is one pod's, so pods are.
 *
 * @module
 */
import { hasCpuLeft } from './classes/signals.ts';
import { ms } from './classes/words.ts';
import { isPoolFull, pointOf, recentPoints } from './full-pool.ts';
import type { Facts } from './measure.ts';
import type { FullPoint, Proof } from './memory.ts';

/** How long what was proven counts. */
const PROOF_MS = 15 * 60_000;

/** So many times the slots that answer at most so many times as much, each waiting at least so many times as long. */
const MORE_SLOTS = 1.3;
const SAME_ANSWERS = 1.1;
const LONGER = 1.3;
/** A rest that small is no cause, whatever it was before. */
export const LEAST_REST = 0.002;

const storeProof = (fewer: FullPoint, more: FullPoint): boolean =>
  more.slots >= MORE_SLOTS * fewer.slots && more.answered <= SAME_ANSWERS * fewer.answered && more.store >= LONGER * fewer.store && more.store - fewer.store >= more.rest - fewer.rest;

/** Per pod: pods bring locks of their own. */
const lockProof = (fewer: FullPoint, more: FullPoint): boolean => {
  const [few, many] = [scaleOf('LOCK', fewer), scaleOf('LOCK', more)];
  return many.slots >= MORE_SLOTS * few.slots && many.answered <= SAME_ANSWERS * few.answered && more.rest >= Math.max(LEAST_REST, LONGER * fewer.rest);
};

const proofBetween = (one: FullPoint, other: FullPoint): Omit<Proof, 'at' | 'isFull'> | null => {
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

/** A pool that is not full can be the larger of two, for it holds more than the smaller one could; as the smaller it would only be short of load. */
const compare = (before: FullPoint, now: FullPoint, facts: Facts): Omit<Proof, 'at' | 'isFull'> | null => {
  const isComparable = before.slots < now.slots || (before.slots > now.slots && isPoolFull(facts));
  const found = isComparable ? proofBetween(before, now) : null;
  return found === null || isLoopsOwn(found, facts) ? null : found;
};

/** By what this window is compared with: full pools of the last minutes, and the smaller pool of a proof that no full pool can renew. */
const pointsBefore = (proof: Proof | null, full: readonly FullPoint[], facts: Facts): FullPoint[] =>
  proof?.isFull === false && !isPoolFull(facts) ? [...recentPoints(full, facts), proof.fewer] : recentPoints(full, facts);

/**
 * The newest proof, kept while it holds. Nothing is proven while the CPU or a loop is used up: waiting for it lengthens every other wait; nor by a pool that
 * is not full while the objective is met. What such a pool has proven is over once it is full: a raise then tells more.
 */
export const noteProof = (proof: Proof | null, full: readonly FullPoint[], facts: Facts, isMissed: boolean): Proof | null => {
  const isFull = isPoolFull(facts);
  if ((isFull || isMissed) && hasCpuLeft(facts)) {
    const now = pointOf(facts);
    for (const before of pointsBefore(proof, full, facts)) {
      const found = compare(before, now, facts);
      if (found !== null) return { ...found, isFull, at: facts.now };
    }
  }
  return proof !== null && stillHolds(proof, facts) && (proof.isFull || !isFull) ? proof : null;
};

/** The comparison as a sentence, where it explains this window; null otherwise. What a pool that is not full has proven, it has to prove each time. */
export const provenBy = (kind: Proof['kind'], proof: Proof | null, facts: Facts): string | null => {
  if (proof?.kind !== kind) return null;
  const isSeen = proof.isFull ? isPoolFull(facts) : proof.at === facts.now;
  return isSeen ? comparison(proof) : null;
};

const comparison = ({ fewer, more, kind }: Proof): string => {
  const wait = (point: FullPoint) => ms(kind === 'STORE' ? point.store : point.rest);
  const [from, each] = kind === 'STORE' ? ['the store', ''] : ['the pods', ' of unexplained wait'];
  return `${more.slots} slots get ${Math.round(more.answered)}/s from ${from} at ${wait(more)}${each}, ${fewer.slots} slots got ${Math.round(fewer.answered)}/s at ${wait(fewer)}${each}`;
};
