/**
 * Seeded random numbers in independent streams, so that two policies under one seed meet the same requests.
 *
 * @module
 */
import { exp, floor, log, sqrt } from './numbers.ts';

/** What a stream is for; each has numbers of its own. */
export const streams = { arrivals: 1, demands: 2, routing: 3, scrapes: 4 } as const;

/** Rounds that spread a seed over the whole state. */
const WARM_UP = 16;

/** sfc32 (Chris Doty-Humphrey, public domain): 128 bits of state, of which the seed and the stream fill 64. */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** The second normal number of a pair. */
  #spare = 0;
  #hasSpare = false;

  constructor(seed: number, stream: number) {
    this.#a = seed | 0;
    this.#b = floor(seed / 2 ** 32) | 0;
    this.#c = stream | 0;
    for (let round = 0; round < WARM_UP; round += 1) this.uniform();
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform());
  }

  /** Standard normal, by the polar method. */
  normal(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return this.#spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = sqrt((-2 * log(square)) / square);
      this.#spare = y * factor;
      this.#hasSpare = true;
      return x * factor;
    }
  }

  /** Lognormal with median 1 and the given sigma. */
  lognormal(sigma: number): number {
    return sigma === 0 ? 1 : exp(sigma * this.normal());
  }
}
