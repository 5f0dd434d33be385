/**
 * Notices that a stream has gone silent: a half-open connection delivers neither data nor an error.
 *
 * @module
 */
import type { Clock } from './ports.ts';

export interface StallWatchdogOptions {
  /** Longest silence, ms. */
  readonly idleMs: number;
  /** Longest life of the stream, ms. */
  readonly totalMs: number;
  /** Called once, with a reason to abort the stream with. */
  onStall(reason: Error): void;
}

export class StallWatchdog {
  readonly #clock: Clock;
  readonly #options: StallWatchdogOptions;
  readonly #endMs: number;
  #lifeMs: number;
  #cancel: () => void;

  constructor(clock: Clock, options: StallWatchdogOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#lifeMs = clock.monotonicMs();
    this.#endMs = this.#lifeMs + options.totalMs;
    this.#cancel = this.#arm();
  }

  /** Something came. */
  sawLife(): void {
    this.#lifeMs = this.#clock.monotonicMs();
  }

  /** Ends the watch over the stream. */
  stop(): void {
    this.#cancel();
  }

  // One timer that looks again, rather than one that is set anew for each of perhaps thousands of events a second.
  #arm(): () => void {
    const dueMs = Math.min(this.#lifeMs + this.#options.idleMs, this.#endMs);
    return this.#clock.schedule(Math.max(1, dueMs - this.#clock.monotonicMs()), () => this.#look());
  }

  #look(): void {
    const now = this.#clock.monotonicMs();
    const silentMs = now - this.#lifeMs;
    if (silentMs >= this.#options.idleMs) this.#options.onStall(new Error(`nothing came for ${Math.round(silentMs)} ms`));
    else if (now >= this.#endMs) this.#options.onStall(new Error(`not closed by the server within ${this.#options.totalMs} ms`));
    else this.#cancel = this.#arm();
  }
}
