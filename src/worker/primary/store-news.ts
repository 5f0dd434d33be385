/**
 * Tells the log when the online store is lost and when it is back: a line each, however many processes and requests meet it.
 *
 * @module
 */
import type { Log } from '../log.ts';

export class StoreNews {
  private readonly log: Log;
  private readonly now: () => number;
  private lostAt: number | undefined;

  /** @param now monotonic milliseconds */
  constructor(log: Log, now: () => number) {
    this.log = log;
    this.now = now;
  }

  /**
   * Call it a few times a second, once the store has been reached for the first time.
   * @param problem what is wrong with it, undefined while it is well
   */
  hear(problem: string | undefined): void {
    if (problem !== undefined && this.lostAt === undefined) {
      this.lostAt = this.now();
      this.log('error', 'the online store is lost, wholly or in part: requests that need it are answered 503 until it is back', { problem });
    } else if (problem === undefined && this.lostAt !== undefined) {
      this.log('info', 'the online store is back', { awaySeconds: Math.round((this.now() - this.lostAt) / 100) / 10 });
      this.lostAt = undefined;
    }
  }
}
