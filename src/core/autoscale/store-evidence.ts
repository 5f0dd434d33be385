/**
 * Whether the store is full: more requests ask it at once, it answers no more of them. Then neither threads nor pods help.
 *
 * @module
 */
import type { Facts } from './measure.ts';
import type { Memory } from './memory.ts';
import { significant } from './numbers.ts';

type Full = Memory['full'];

/** How long such an observation counts. */
const REMEMBERED_MS = 15 * 60_000;
const POINTS = 6;

/** Share of the slots that may hold a request before a pool counts as full. */
export const MOST_BUSY = 0.9;

/** True when nearly every slot held a request over the window and others waited for one. */
export const isPoolFull = (facts: Facts): boolean =>
  (facts.inUse ?? 0) >= MOST_BUSY && (facts.backlog > 0 || facts.queue > 0.05 * (facts.response ?? Infinity));

/** Notes down what a full pool of this many slots answered: the raw material of the comparison. */
export const noteFullPool = (full: Full, facts: Facts): Full => {
  const recent = full.filter(([at]) => at <= facts.now && facts.now - at < REMEMBERED_MS);
  if (!isPoolFull(facts) || facts.store === null) return recent;
  const point: Full[number] = [facts.now, facts.slots, significant(facts.answered), significant(facts.store)];
  return [...recent.filter(([, slots]) => slots !== facts.slots), point].slice(-POINTS);
};

/**
 * Evidence that the store is full, as a sentence; null without. A natural experiment: a full pool of at least 1.3 times as
 * many slots answers at most 1.1 times as much, and each answer of the store takes at least 1.3 times as long.
 */
export const storeIsFull = (full: Full, facts: Facts): string | null => {
  const { slots, answered, store } = facts;
  if (store === null || !isPoolFull(facts)) return null;
  const before = full.find(([, fewer, then, faster]) => slots >= 1.3 * fewer && answered <= 1.1 * then && store >= 1.3 * faster);
  if (before === undefined) return null;
  const [, fewer, then, faster] = before;
  return `${slots} slots get ${Math.round(answered)}/s from the store at ${milliseconds(store)}, ${fewer} slots got ${Math.round(then)}/s at ${milliseconds(faster)}`;
};

const milliseconds = (seconds: number): string => `${significant(seconds * 1000, 3)} ms`;
