/**
 * The CPU quota of one pod: so many core-seconds in each period, and none until the next once they are used.
 *
 * @module
 */
import { PERIOD } from './machine.ts';
import { floor, min } from './numbers.ts';

/** Core-seconds that count as none; above the rounding of times of days. */
const NOTHING = 1e-7;

export class Quota {
  /** True while the pod may not run. */
  throttled = false;
  /** End of the present period, seconds. */
  end = 0;
  #left = 0;

  use(coreSeconds: number): void {
    this.#left -= coreSeconds;
  }

  /** Brings the quota to `now` for a pod that wants to run. Returns 1 when a period has begun to be throttled, else 0. */
  meet(now: number, size: number): 0 | 1 {
    if (now >= this.end) {
      const period = floor(now / PERIOD) + 1;
      // Rounding may name the period that ends just now.
      this.end = period * PERIOD > now ? period * PERIOD : (period + 1) * PERIOD;
      this.#left = size;
      this.throttled = false;
    }
    if (this.throttled || this.#left > NOTHING) return 0;
    this.throttled = true;
    return 1;
  }

  /** When a pod that uses `cores` has to be looked at again, seconds. */
  nextAt(now: number, cores: number): number {
    return this.throttled ? this.end : min(this.end, now + this.#left / cores);
  }
}
