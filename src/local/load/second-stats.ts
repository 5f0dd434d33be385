/**
 * What the client saw, second by second.
 *
 * @module
 */

/** One second of load. Latencies in milliseconds from the scheduled arrival, of the answers that came in this second. */
export interface LoadSecond {
  /** Seconds from the start of the load to the end of this second. */
  readonly t: number;
  /** Requests that were due in this second. */
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** Of these requests, those that failed or were answered later than the objective. */
  readonly over: number;
  /** Null when nothing was answered: no latency is known then, which is not the same as a low one. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Requests without an answer at the end of the second, and the age of the oldest of them, milliseconds. */
  readonly waiting: number;
  readonly oldestWaitingMs: number;
  /** True for the rest after the last whole second, in which the last answers come. */
  readonly partial: boolean;
  /** Failures of this second by cause. */
  readonly failures: Readonly<Record<string, number>>;
}

/**
 * The value below which a share of the sorted values lies: nearest rank, so always a value that was really seen.
 *
 * @param share between 0 and 1
 */
export const percentile = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;

/** Collects one second, then starts the next. */
export class SecondStats {
  readonly #objectiveMs: number;
  #sent = 0;
  #latencies: number[] = [];
  #failures = new Map<string, number>();

  constructor(objectiveMs: number) {
    this.#objectiveMs = objectiveMs;
  }

  sent(): void {
    this.#sent += 1;
  }

  answered(latencyMs: number): void {
    this.#latencies.push(latencyMs);
  }

  failed(cause: string): void {
    this.#failures.set(cause, (this.#failures.get(cause) ?? 0) + 1);
  }

  /** Closes the second. */
  take(t: number, waiting: { count: number; oldestMs: number }, partial = false): LoadSecond {
    const sorted = this.#latencies.sort((left, right) => left - right);
    const failures = Object.fromEntries(this.#failures);
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    const second: LoadSecond = {
      t,
      sent: this.#sent,
      answered: sorted.length,
      failed,
      over: failed + sorted.filter((latencyMs) => latencyMs > this.#objectiveMs).length,
      p50Ms: rounded(percentile(sorted, 0.5)),
      p95Ms: rounded(percentile(sorted, 0.95)),
      p99Ms: rounded(percentile(sorted, 0.99)),
      waiting: waiting.count,
      oldestWaitingMs: Math.round(waiting.oldestMs),
      partial,
      failures,
    };
    this.#sent = 0;
    this.#latencies = [];
    this.#failures = new Map();
    return second;
  }
}

const rounded = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 100) / 100);
