/**
 * Open-loop arrivals: a Poisson process whose rate follows a trace.
 *
 * @module
 */
import { NEVER } from './numbers.ts';
import type { RandomStream } from './random.ts';

export interface RatePoint {
  /** Since the start of the run. */
  readonly seconds: number;
  /** Requests per second from this moment to the next point. */
  readonly rate: number;
}

export interface ArrivalSource {
  /** Time of the next arrival, seconds; Infinity when there is none. */
  readonly next: number;
  /** To be called once the arrival at `next` has been taken. */
  take: () => void;
}

/** Exact for a rate that is constant between points: each gap uses up an exponential amount of expected arrivals. */
export class Arrivals implements ArrivalSource {
  next = NEVER;
  readonly #points: readonly RatePoint[];
  readonly #random: RandomStream;
  readonly #until: number;
  #index = 0;

  /** @param points ascending in time, the first at 0 @param until no arrival at or after it, seconds */
  constructor(points: readonly RatePoint[], random: RandomStream, until: number) {
    this.#points = points;
    this.#random = random;
    this.#until = until;
    this.#advance(0);
  }

  take(): void {
    this.#advance(this.next);
  }

  #advance(from: number): void {
    let amount = this.#random.exponential();
    let at = from;
    while (at < this.#until) {
      const rate = this.#points[this.#index]?.rate ?? 0;
      const end = this.#points[this.#index + 1]?.seconds ?? this.#until;
      const arrival = rate > 0 ? at + amount / rate : NEVER;
      if (arrival < end) {
        at = arrival;
        break;
      }
      amount -= rate * (end - at);
      at = end;
      this.#index += 1;
    }
    this.next = at < this.#until ? at : NEVER;
  }
}
