/**
 * The knob `inflight`: so many requests are worked on at once, so many may wait, the rest is turned away.
 *
 * @module
 */

/** A request that waits for its place. */
export interface Waiting {
  start: () => void;
}

export class Admission {
  private limit: number;
  private queueLimit: number;
  private readonly queue = new Set<Waiting>();
  private held = 0;

  constructor(limit: number, queueLimit: number) {
    this.limit = limit;
    this.queueLimit = queueLimit;
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
   * @returns false when the queue is full; then `start` is never called
   */
  offer(request: Waiting): boolean {
    if (this.held < this.limit && this.queue.size === 0) {
      this.held++;
      request.start();
      return true;
    }
    if (this.queue.size >= this.queueLimit) return false;
    this.queue.add(request);
    return true;
  }

  /** A request that holds a place is done. */
  release(): void {
    this.held--;
    this.fill();
  }

  /** The client of a waiting request has gone. */
  cancel(request: Waiting): boolean {
    return this.queue.delete(request);
  }

  /** Takes effect for the next request; a smaller limit lets those that hold a place finish, a smaller queue those that wait. */
  resize(limit: number, queueLimit: number): void {
    this.limit = limit;
    this.queueLimit = queueLimit;
    this.fill();
  }

  private fill(): void {
    for (const next of this.queue) {
      if (this.held >= this.limit) return;
      this.queue.delete(next);
      this.held++;
      next.start();
    }
  }
}
