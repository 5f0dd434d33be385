/**
 * So many places, each held for a time; who finds none free waits in the order of coming.
 *
 * @module
 */

export interface PlacesOptions {
  /** How long a place is held, ms. */
  readonly holdMs: number;
  /** Nobody more than this may wait. */
  readonly mostWaiting: number;
}

/** Without limit until `limit` is called. */
export class Places {
  readonly #options: PlacesOptions;
  readonly #queue: (() => void)[] = [];
  #atOnce = Infinity;
  #held = 0;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Holds from now on; who has a place keeps its time. */
  limit(atOnce: number): void {
    this.#atOnce = atOnce;
    this.#next();
  }

  /** Calls back when a place has been held for its time; those of equal places in the order of coming. @returns false when too many wait */
  take(done: () => void): boolean {
    if (this.#held >= this.#atOnce && this.#queue.length >= this.#options.mostWaiting) return false;
    this.#queue.push(done);
    this.#next();
    return true;
  }

  #next(): void {
    while (this.#held < this.#atOnce) {
      const done = this.#queue.shift();
      if (done === undefined) return;
      this.#held += 1;
      setTimeout(() => {
        this.#held -= 1;
        done();
        this.#next();
      }, this.#options.holdMs);
    }
  }
}
