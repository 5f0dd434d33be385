/**
 * The workqueue_* metrics, under the names and with the meaning of client-go's workqueue.
 *
 * @module
 */
import type { Clock, MetricsSink } from './ports.ts';

/** How often the gauges about running work are refreshed while there is any, ms. */
const REFRESH_MS = 5_000;

export class QueueMetrics {
  readonly #labels: Record<string, string>;
  readonly #clock: Clock;
  readonly #sink: MetricsSink;
  readonly #addedAt = new Map<string, number>();
  readonly #startedAt = new Map<string, number>();
  #cancelRefresh: (() => void) | undefined;

  constructor(options: { name: string; clock: Clock; metrics: MetricsSink }) {
    this.#labels = { name: options.name };
    this.#clock = options.clock;
    this.#sink = options.metrics;
    // A series that exists from the start lets `rate()` see the first increment.
    this.#sink.increment('workqueue_adds_total', this.#labels, 0);
    this.#sink.increment('workqueue_retries_total', this.#labels, 0);
    this.depth(0);
    this.#reportRunning();
  }

  /** A key was accepted. */
  added(key: string): void {
    this.#addedAt.set(key, this.#clock.monotonicMs());
    this.#sink.increment('workqueue_adds_total', this.#labels);
  }

  /** A rate-limited add. */
  retried(): void {
    this.#sink.increment('workqueue_retries_total', this.#labels);
  }

  /** How many keys wait. */
  depth(depth: number): void {
    this.#sink.set('workqueue_depth', this.#labels, depth);
  }

  /** A worker took the key. */
  started(key: string): void {
    const now = this.#clock.monotonicMs();
    this.#observe('workqueue_queue_duration_seconds', now - (this.#addedAt.get(key) ?? now));
    this.#addedAt.delete(key);
    this.#startedAt.set(key, now);
    this.#refreshLater();
  }

  /** The worker is done with the key. */
  finished(key: string): void {
    const now = this.#clock.monotonicMs();
    this.#observe('workqueue_work_duration_seconds', now - (this.#startedAt.get(key) ?? now));
    this.#startedAt.delete(key);
    if (this.#startedAt.size > 0) return;
    // A timer left over would keep a process that has stopped alive for seconds.
    this.#cancelRefresh?.();
    this.#cancelRefresh = undefined;
    this.#reportRunning();
  }

  /** The key was thrown away at shutdown. */
  dropped(key: string): void {
    this.#addedAt.delete(key);
  }

  #observe(name: string, milliseconds: number): void {
    this.#sink.observe(name, this.#labels, milliseconds / 1_000);
  }

  #refreshLater(): void {
    this.#cancelRefresh ??= this.#clock.schedule(REFRESH_MS, () => {
      this.#cancelRefresh = undefined;
      this.#reportRunning();
      this.#refreshLater();
    });
  }

  #reportRunning(): void {
    const now = this.#clock.monotonicMs();
    const ages = [...this.#startedAt.values()].map((start) => (now - start) / 1_000);
    this.#sink.set('workqueue_unfinished_work_seconds', this.#labels, ages.reduce((sum, age) => sum + age, 0));
    this.#sink.set('workqueue_longest_running_processor_seconds', this.#labels, Math.max(0, ...ages));
  }
}
