/**
 * Work in steps: all at once, or a few milliseconds at a time with room for requests in between.
 *
 * @module
 */

/** Does all steps now. */
export const runAtOnce = <T>(steps: Iterator<void, T>): T => {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
};

export interface Pace {
  /** Longest stretch of work without a pause, ms; a single step may be longer. */
  readonly stretchMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Resolves when other work has had its turn. */
  readonly pause: () => Promise<void>;
}

/** Does the steps with pauses. */
export const runWithPauses = async <T>(steps: Iterator<void, T>, { stretchMs, now, pause }: Pace): Promise<T> => {
  for (let end = now() + stretchMs; ; ) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (now() < end) continue;
    await pause();
    end = now() + stretchMs;
  }
};
