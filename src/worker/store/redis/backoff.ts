/**
 * Waits between attempts to connect: twice as long each time, and spread, so that a fleet does not come back in step.
 *
 * @module
 */
const firstMs = 50;
const longestMs = 2000;

export class Backoff {
  private readonly random: () => number;
  private attempts = 0;

  /** @param random a number from 0 to 1 */
  constructor(random: () => number) {
    this.random = random;
  }

  /** Milliseconds until the next attempt: from half of the step to the whole. */
  next(): number {
    const step = Math.min(longestMs, firstMs * 2 ** this.attempts);
    this.attempts = Math.min(this.attempts + 1, 20);
    return step * (0.5 + this.random() / 2);
  }

  /** The other side has done real work for us. */
  reset(): void {
    this.attempts = 0;
  }
}
