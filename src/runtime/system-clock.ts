/**
 * The real clock, for composition roots.
 *
 * @module
 */
import type { Clock } from './ports.ts';

/** setTimeout fires at once for anything above this, so longer waits are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Wall clock, monotonic clock and timers of this process. Delays are milliseconds of any length; a negative or
 * non-finite one counts as zero. Timers do not keep the process alive by themselves when `unref` is set.
 */
export const systemClock = (options: { unref?: boolean } = {}): Clock => ({
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (delayMs, callback) => startTimer(delayMs, callback, options.unref ?? false),
});

const startTimer = (delayMs: number, callback: () => void, unref: boolean): (() => void) => {
  let remaining = Number.isFinite(delayMs) ? Math.max(0, delayMs) : 0;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const slice = Math.min(remaining, LONGEST_TIMER_MS);
    remaining -= slice;
    timer = setTimeout(() => (remaining > 0 ? arm() : callback()), slice);
    if (unref) timer.unref();
  };
  arm();
  return () => clearTimeout(timer);
};
