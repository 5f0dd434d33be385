/**
 * The extreme of a value over a span of time, in a bounded number of slots: memory that survives as JSON.
 *
 * @module
 */

/** Start of the slot (milliseconds since the epoch) and the extreme seen in it. */
export type Slot = [at: number, value: number];

const SLOTS = 16;

type Pick = (a: number, b: number) => number;

/**
 * `slots` with one more value. The newest slot takes it while it is younger than a sixteenth of the span, so that an
 * evaluation each second costs no more than one each minute. What is older than the span, or from the future after a
 * clock jump, is dropped.
 */
export const addToSlots = (slots: readonly Slot[], value: number, now: number, spanMs: number, pick: Pick): Slot[] => {
  const kept = slots.filter(([at]) => at <= now && at > now - spanMs - spanMs / SLOTS).slice(-2 * SLOTS);
  const newest = kept.at(-1);
  if (newest !== undefined && now - newest[0] < spanMs / SLOTS) {
    return [...kept.slice(0, -1), [newest[0], pick(newest[1], value)]];
  }
  return [...kept, [now, value]];
};

export interface Span {
  /** How far to look back. */
  spanMs: number;
  /** How long the slots are kept, which says how long each of them is; as far as one looks back when absent. */
  keptMs?: number;
  /** Values come about so far apart: slots that are shorter hold one each, from their beginning. Unknown when absent. */
  betweenMs?: number;
}

/**
 * Extreme over the last `spanMs`, `value` included. A slot that reaches into the span counts whole: it errs to the careful side.
 */
export const extremeOfSlots = (slots: readonly Slot[], value: number, now: number, pick: Pick, { spanMs, keptMs = spanMs, betweenMs = 0 }: Span): number => {
  const slotMs = keptMs / SLOTS;
  // Evaluations are some milliseconds early or late; and with the value of a whole span ago the span would be one evaluation longer.
  const since = now - spanMs + (betweenMs >= slotMs ? slotMs / 2 : -slotMs);
  return slots.reduce((extreme, [at, seen]) => (at <= now && at > since ? pick(extreme, seen) : extreme), value);
};
