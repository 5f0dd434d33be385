/**
 * How long a job that becomes ready has to wait for the event loop: a probe takes the same way as the requests' jobs.
 *
 * @module
 */
import type { Meter } from './meter.ts';
import type { Turns } from './turns.ts';

const periodMs = 20;

/**
 * Starts probing: a timer's lateness plus the wait behind the jobs that are ready.
 * @param now monotonic milliseconds
 */
export function probeLoopLag(meter: Meter, turns: Turns, now: () => number): void {
  let last = now();
  const probe = (): void => {
    const due = now() + periodMs;
    setTimeout(() => {
      turns.run(() => {
        const at = now();
        // Timers are due at whole milliseconds: up to one of lateness is no lag.
        meter.lagged(Math.max(0, at - due - 1), at - last);
        last = at;
        probe();
      });
    }, periodMs).unref();
  };
  probe();
}
