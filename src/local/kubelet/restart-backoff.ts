/**
 * How long a container that ended waits before it is started again.
 *
 * @module
 */

/** The kubelet's own figures: at once, then 10 s doubling to 5 min, forgotten after 10 min of running (kubernetes.io, "Pod Lifecycle"). */
const firstMs = 10_000;
const longestMs = 300_000;
const forgetAfterMs = 600_000;

export class RestartBackoff {
  #crashes = 0;

  /** Milliseconds to wait after a container that ran for `ranMs`. */
  next(ranMs: number): number {
    if (ranMs >= forgetAfterMs) this.#crashes = 0;
    const delay = this.#crashes === 0 ? 0 : Math.min(longestMs, firstMs * 2 ** (this.#crashes - 1));
    this.#crashes += 1;
    return delay;
  }
}
