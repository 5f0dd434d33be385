/**
 * When requests are due. An open loop: arrivals know nothing of answers, as with users who do not wait for one another.
 *
 * @module
 */
import type { Random } from '../../runtime/ports.ts';

export type Spacing = 'poisson' | 'even';

export interface ArrivalOptions {
  readonly spacing: Spacing;
  readonly random: Random;
  /** Requests per second at a moment, seconds from the start. */
  readonly rate: (seconds: number) => number;
}

/** Longest step over which the rate counts as constant, seconds. */
const stepSeconds = 0.01;

/**
 * Times of arrivals in seconds from the start, ascending, for a rate that changes: the integral of the rate grows by one
 * unit (evenly spaced) or by a unit exponential (Poisson) from one arrival to the next.
 */
export class Arrivals {
  readonly #options: ArrivalOptions;
  #clock = 0;
  #left: number;

  constructor(options: ArrivalOptions) {
    this.#options = options;
    this.#left = this.#unit();
  }

  /** The arrivals before `seconds` that were not taken yet. */
  takeUntil(seconds: number): number[] {
    const due: number[] = [];
    while (this.#clock < seconds) {
      const step = Math.min(stepSeconds, seconds - this.#clock);
      this.#advance(step, due);
    }
    return due;
  }

  #advance(step: number, due: number[]): void {
    const rate = this.#options.rate(this.#clock);
    const end = this.#clock + step;
    let at = this.#clock;
    let wait = this.#left / rate;
    // At rate zero the wait is infinite, and nothing is due.
    while (at + wait < end) {
      at += wait;
      due.push(at);
      this.#left = this.#unit();
      wait = this.#left / rate;
    }
    this.#left -= (end - at) * rate;
    this.#clock = end;
  }

  #unit(): number {
    return this.#options.spacing === 'even' ? 1 : -Math.log(1 - this.#options.random());
  }
}
