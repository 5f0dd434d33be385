/**
 * The knob `inflight`: so many requests are worked on at once, so many may wait, the rest is turned away.
 *
 * The queue is bounded by time as well: a burst may fill it, but once it has not been empty for a while, it is a standing queue that
 * makes every request late and helps nobody. Then a request may wait only so long that it can still be answered near the objective;
 * one that would have to wait longer is refused when it comes, and one that has waited longer is refused when its turn comes. (The idea is
 * that of CoDel, Nichols and Jacobson, "Controlling Queue Delay", 2012.)
 *
 * @module
 */

/** A request that waits for its place. */
export interface Waiting {
  /** When it arrived, milliseconds of the clock. */
  readonly since: number;
  start: () => void;
  /** Its turn came too late. It holds no place. */
  refuse: () => void;
}

export interface AdmissionLimits {
  /** Requests that may hold a place. */
  readonly limit: number;
  /** Requests that may wait. */
  readonly queue: number;
  readonly objectiveMs: number;
  /** Longest wait in a queue that stands, ms; absent, what the objective leaves. */
  readonly longestWaitMs?: number;
}

/** Weight of the newest observation in the running means. */
const weight = 1 / 16;
/** A queue that has not been empty for so long is no burst: the objective, and at least this. */
const shortestBurstMs = 100;
/** Share of the objective that the median of a standing queue may take: p95 lay 1.3 to 1.5 times above the median (docs/built-in-server.md). */
const aim = 0.75;

export class Admission {
  private limits: AdmissionLimits;
  private readonly now: () => number;
  private readonly queue = new Set<Waiting>();
  private held = 0;
  /** Running means: time that a place is held, and time between two places that come free while requests wait. */
  private serviceMs = 0;
  private releaseMs = 0;
  private releasedAt: number | undefined;
  private emptyAt: number;

  /** @param now monotonic milliseconds */
  constructor(limits: AdmissionLimits, now: () => number) {
    this.limits = limits;
    this.now = now;
    this.emptyAt = now();
  }

  /** Requests that hold a place. */
  get running(): number {
    return this.held;
  }

  get waiting(): number {
    return this.queue.size;
  }

  /**
   * Starts a request now or when its turn comes.
   * @returns why it is turned away; then neither `start` nor `refuse` is called
   */
  offer(request: Waiting): 'queue_full' | 'queue_wait' | undefined {
    const { limit, queue } = this.limits;
    if (this.queue.size === 0) this.emptyAt = this.now();
    if (this.held < limit && this.queue.size === 0) {
      this.held++;
      request.start();
      return undefined;
    }
    if (this.queue.size >= queue) return 'queue_full';
    if ((this.queue.size + 1) * this.releaseMs > this.longestWait()) return 'queue_wait';
    this.queue.add(request);
    return undefined;
  }

  /**
   * A request that holds a place is done.
   * @param tookMs how long it held it
   */
  release(tookMs: number): void {
    const now = this.now();
    this.serviceMs += weight * (tookMs - this.serviceMs);
    if (this.releasedAt !== undefined) this.releaseMs += weight * (now - this.releasedAt - this.releaseMs);
    this.held--;
    this.fill();
    this.releasedAt = this.queue.size > 0 ? now : undefined;
  }

  /** The client of a waiting request has gone. */
  cancel(request: Waiting): boolean {
    return this.queue.delete(request);
  }

  /** Takes effect for the next request; a smaller limit lets those that hold a place finish, a smaller queue those that wait. */
  resize(limits: AdmissionLimits): void {
    this.limits = limits;
    this.releasedAt = undefined;
    this.releaseMs = 0;
    this.fill();
  }

  private fill(): void {
    for (const next of this.queue) {
      if (this.held >= this.limits.limit) return;
      this.queue.delete(next);
      if (this.now() - next.since > this.longestWait()) next.refuse();
      else {
        this.held++;
        next.start();
      }
    }
    this.emptyAt = this.now();
  }

  /** Milliseconds that a request may wait now. */
  private longestWait(): number {
    const { objectiveMs, longestWaitMs } = this.limits;
    if (this.now() - this.emptyAt < Math.max(shortestBurstMs, objectiveMs)) return Infinity;
    if (longestWaitMs !== undefined) return longestWaitMs;
    // In a standing queue all wait about this long, and the objective is one for the slowest twentieth, not for the median.
    // Where the work alone takes longer than that, waiting a quarter of it does not make it much worse.
    return Math.max(objectiveMs / 4, aim * objectiveMs - this.serviceMs);
  }
}
