/**
 * A queue of keys for reconcilers: a key waits at most once, is worked on by at most one worker, and comes back when it
 * was added again meanwhile. Delayed and rate-limited adds are built in.
 *
 * @module
 */
import { equalJitterMs } from './backoff.ts';
import type { BackoffOptions } from './backoff.ts';
import type { Clock, MetricsSink, Random } from './ports.ts';
import { QueueMetrics } from './queue-metrics.ts';

export interface WorkQueueOptions {
  /** Label `name` of the workqueue_* metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: MetricsSink;
  /** Of `addRateLimited`, for each key by itself. Default 100 ms doubling up to 60 s, with equal jitter. */
  readonly backoff?: BackoffOptions;
}

interface Delayed {
  readonly dueMs: number;
  readonly cancel: () => void;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #backoff: BackoffOptions;
  readonly #metrics: QueueMetrics;
  /** Wants work: waits in line, or is being processed and will wait again. Insertion order is the line. */
  readonly #waiting = new Set<string>();
  readonly #processing = new Set<string>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #idleWorkers: ((key: string | undefined) => void)[] = [];
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#backoff = options.backoff ?? { baseMs: 100, maxMs: 60_000 };
    this.#metrics = new QueueMetrics(options);
  }

  /** Keys that wait in line (not those being processed, not delayed ones). */
  get depth(): number {
    return this.#waiting.size;
  }

  /** Keys that a worker holds now. */
  get processing(): number {
    return this.#processing.size;
  }

  /** Puts a key in line. A key that waits already is not added twice; one that is being processed runs again afterwards. */
  add(key: string): void {
    if (this.#shutDown || this.#waiting.has(key) || this.#again.has(key)) return;
    this.#metrics.added(key);
    if (this.#processing.has(key)) this.#again.add(key);
    else this.#enqueue(key);
  }

  /** Adds a key after `delayMs` milliseconds. Of several delayed adds of one key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#shutDown) return;
    if (!(delayMs > 0)) {
      this.add(key);
      return;
    }
    const dueMs = this.#clock.monotonicMs() + delayMs;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.dueMs <= dueMs) return;
    pending?.cancel();
    this.#delayed.set(key, { dueMs, cancel: this.#clock.schedule(delayMs, () => this.#delayPassed(key)) });
  }

  /**
   * Adds a key after a delay that doubles with each call until `forget`. A longer `atLeastMs` wins (Retry-After).
   * Returns the delay, ms.
   */
  addRateLimited(key: string, atLeastMs = 0): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#metrics.retried();
    const delayMs = Math.max(atLeastMs, equalJitterMs(this.#backoff, failures, this.#random));
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Ends the backoff of a key: the next `addRateLimited` starts at the base delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often `addRateLimited` was called for the key since the last `forget`. */
  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, or undefined after `shutDown`. Whoever gets a key must call `done` for it. */
  get(): Promise<string | undefined> {
    if (this.#shutDown) return Promise.resolve(undefined);
    for (const key of this.#waiting) return Promise.resolve(this.#take(key));
    return new Promise((resolve) => this.#idleWorkers.push(resolve));
  }

  /** The worker has finished with the key; it goes back in line when it was added meanwhile. */
  done(key: string): void {
    if (!this.#processing.delete(key)) return;
    this.#metrics.finished(key);
    if (this.#again.delete(key)) this.#enqueue(key);
  }

  /**
   * Takes nothing in any more, forgets what waits (whoever comes next lists everything anyway) and sends idle workers
   * home. Keys in process go on until their workers call `done`.
   */
  shutDown(): void {
    if (this.#shutDown) return;
    this.#shutDown = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    for (const key of this.#waiting) this.#metrics.dropped(key);
    this.#waiting.clear();
    for (const key of this.#again) this.#metrics.dropped(key);
    this.#again.clear();
    this.#metrics.depth(0);
    this.#idleWorkers.splice(0).forEach((resolve) => resolve(undefined));
  }

  #delayPassed(key: string): void {
    this.#delayed.delete(key);
    this.add(key);
  }

  #enqueue(key: string): void {
    const worker = this.#idleWorkers.shift();
    this.#waiting.add(key);
    if (worker === undefined) this.#metrics.depth(this.#waiting.size);
    else worker(this.#take(key));
  }

  #take(key: string): string {
    this.#waiting.delete(key);
    this.#processing.add(key);
    this.#metrics.depth(this.#waiting.size);
    this.#metrics.started(key);
    return key;
  }
}
