/**
 * A store as a queue: so many places, each busy for a while, more requests wait for one.
 *
 * @module
 */
import type { Random } from '../../../../src/runtime/ports.ts';
import type { StoreBehaviour } from '../scenario.ts';

/** Spread of the service times: the sigma of a lognormal distribution. */
export const storeSigma = 0.4;

/** A lognormal draw with this mean. */
export const lognormal = (mean: number, random: Random): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return mean * Math.exp(storeSigma * normal - (storeSigma * storeSigma) / 2);
};

export class StoreQueue {
  #behaviour: StoreBehaviour;
  readonly #random: Random;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(behaviour: StoreBehaviour, random: Random) {
    this.#behaviour = behaviour;
    this.#random = random;
  }

  /** Holds from now on; who has a place keeps its time. */
  become(behaviour: StoreBehaviour): void {
    this.#behaviour = behaviour;
    this.#next();
  }

  /** Calls back once the request has had its place for its time. */
  serve(done: () => void): void {
    this.#waiting.push(done);
    this.#next();
  }

  #next(): void {
    while (this.#busy < (this.#behaviour.places ?? Infinity)) {
      const done = this.#waiting.shift();
      if (done === undefined) return;
      this.#busy += 1;
      setTimeout(() => {
        this.#busy -= 1;
        done();
        this.#next();
      }, lognormal(this.#behaviour.serviceMs, this.#random));
    }
  }
}
