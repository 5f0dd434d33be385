/**
 * When the load generator itself did not run: what a client feels then says nothing about the server.
 *
 * @module
 */

/** Shorter gaps are the generator's own work, ms. */
const shortestMs = 10;

export class Pauses {
  readonly #startedMs: number;
  #lastMs: number;
  #pausedMs = 0;
  #longestMs = 0;

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
    this.#lastMs = startedMs;
  }

  /** To be called every millisecond or few; a gap of more than 10 ms between two calls is a pause. */
  note(nowMs: number): void {
    const gapMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (gapMs <= shortestMs) return;
    this.#pausedMs += gapMs;
    this.#longestMs = Math.max(this.#longestMs, gapMs);
  }

  /** Share of the time until the last call that was spent in pauses. */
  get share(): number {
    const allMs = this.#lastMs - this.#startedMs;
    return allMs > 0 ? this.#pausedMs / allMs : 0;
  }

  get longestMs(): number {
    return this.#longestMs;
  }
}
