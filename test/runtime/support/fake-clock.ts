/**
 * A clock that stands still until a test moves it.
 *
 * @module
 */
import type { Clock } from '../../../src/runtime/ports.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets every promise callback that can run now run, and what they start in turn. */
export const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #monotonicMs = 0;
  #wallMs: number;
  #order = 0;

  /** `startMs`: the wall clock at the beginning, ms since the epoch. */
  constructor(startMs: number = Date.parse('2026-01-01T00:00:00Z')) {
    this.#wallMs = startMs;
  }

  now(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), order: (this.#order += 1), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on by `ms`, running timers at their time and promise callbacks between them. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    await flush();
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#moveTo(Math.max(this.#monotonicMs, timer.dueMs));
      this.#timers.delete(timer);
      timer.callback();
      await flush();
    }
    this.#moveTo(endMs);
  }

  /** Time passes while the process sleeps: no timer runs until the next `advance`, and then all are late. */
  pauseProcess(ms: number): void {
    this.#moveTo(this.#monotonicMs + ms);
  }

  /** Somebody sets the wall clock. */
  stepWallClock(ms: number): void {
    this.#wallMs += ms;
  }

  #moveTo(monotonicMs: number): void {
    this.#wallMs += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }

  #next(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.dueMs <= endMs);
    return due.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }
}
