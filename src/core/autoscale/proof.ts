/**
 * What a pool of another size taught: where more requests are let in at once and no more come out, what they wait for inside is the limit.
 * The store is shared, so the whole fleet is compared; a lock is one pod's, so pods are.
 *
 * @module
 */
import { hasCpuLeft, hasIdleCpu } from './classes/signals.ts';
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

type Comparison = Pick<Proof, 'kind' | 'fewer' | 'more'>;

const storeProof = (fewer: FullPoint, more: FullPoint): boolean =>
  more.slots >= MORE_SLOTS * fewer.slots && more.answered <= SAME_ANSWERS * fewer.answered && more.store > 0 && more.store >= LONGER * fewer.store && more.store - fewer.store >= more.rest - fewer.rest;

/** Per pod: pods bring locks of their own. */
const lockProof = (fewer: FullPoint, more: FullPoint): boolean => {
  const [few, many] = [scaleOf('LOCK', fewer), scaleOf('LOCK', more)];
  return many.slots >= MORE_SLOTS * few.slots && many.answered <= SAME_ANSWERS * few.answered && more.rest >= Math.max(LEAST_REST, LONGER * fewer.rest);
};

const proofBetween = (one: FullPoint, other: FullPoint): Comparison | null => {
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
const isLoopsOwn = ({ kind, more }: Comparison, { loopLag }: Facts): boolean => (loopLag ?? 0) > MOST_LAG * (kind === 'STORE' ? more.store : more.rest);

/** A pool that is not full can be the larger of two where it holds this much more than the smaller one could and answers no less; as the smaller it would only be short of load. */
const HOLDS_MORE = 1.5;

const compare = (before: FullPoint, now: FullPoint, facts: Facts): Comparison | null => {
  const isComparable = isPoolFull(facts) ? before.slots !== now.slots : now.slots >= HOLDS_MORE * before.slots && now.answered >= before.answered / SAME_ANSWERS;
  const found = isComparable ? proofBetween(before, now) : null;
  return found === null || isLoopsOwn(found, facts) ? null : found;
};

/** Waiting for the CPU or a loop lengthens every other wait. A full pool with more slots would use up a CPU that is the limit; one that is not full would not, and is none while the objective is met. */
const isTelling = (facts: Facts, isMissed: boolean): boolean => (isPoolFull(facts) ? hasCpuLeft(facts) : isMissed && hasIdleCpu(facts));

/** What two full pools have proven is worth more than what a window that is not full says: that can only say it again. */
const confirmed = (proof: Proof, { kind }: Comparison, { now }: Facts): Proof => (proof.kind === kind ? { ...proof, at: now } : proof);

/**
 * The newest proof, kept while it holds. Full pools of the last minutes are what this window is compared with, and the smaller pool of a proof that no full
 * pool can renew.
 */
export const noteProof = (proof: Proof | null, full: readonly FullPoint[], facts: Facts, isMissed: boolean): Proof | null => {
  const isFull = isPoolFull(facts);
  const kept = proof !== null && stillHolds(proof, facts) ? proof : null;
  if (!isTelling(facts, isMissed)) return kept;
  const now = pointOf(facts);
  const points = recentPoints(full, facts);
  for (const before of kept !== null && !kept.isFull && !isFull ? [...points, kept.fewer] : points) {
    const found = compare(before, now, facts);
    if (found !== null) return kept?.isFull === true && !isFull ? confirmed(kept, found, facts) : { ...found, isFull, at: facts.now };
  }
  return kept;
};

/** The comparison as a sentence, where it explains this window; null otherwise. A window that is not full has to prove it anew. */
export const provenBy = (kind: Proof['kind'], proof: Proof | null, facts: Facts): string | null => {
  if (proof?.kind !== kind) return null;
  const isSeen = proof.at === facts.now || (proof.isFull && isPoolFull(facts));
  return isSeen ? comparison(proof) : null;
};

const comparison = ({ fewer, more, kind }: Comparison): string => {
  const wait = (point: FullPoint) => ms(kind === 'STORE' ? point.store : point.rest);
  const [from, each] = kind === 'STORE' ? ['the store', ''] : ['the pods', ' of unexplained wait'];
  return `${more.slots} slots get ${Math.round(more.answered)}/s from ${from} at ${wait(more)}${each}, ${fewer.slots} slots got ${Math.round(fewer.answered)}/s at ${wait(fewer)}${each}`;
};
