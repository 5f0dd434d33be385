/**
 * Workers that take keys from a queue and reconcile them: retries, timeouts, metrics and draining are here, so that a
 * reconciler is one function from a key to "done" or "look again in a while".
 *
 * @module
 */
import type { BackoffOptions } from './backoff.ts';
import { ControllerMetrics } from './controller-metrics.ts';
import { isApiError } from './ports.ts';
import type { Clock, KubeObject, Logger, MetricsSink, Random } from './ports.ts';
import type { ReadonlyStore } from './store.ts';
import { TerminalError } from './terminal-error.ts';
import { aborted, linkSignals, settlesWithin } from './waiting.ts';
import { WorkQueue } from './work-queue.ts';

export interface ReconcileResult {
  /** Reconcile again after this many milliseconds even when nothing happens. */
  requeueAfterMs?: number;
}

/**
 * Brings the world of one object nearer to its spec, from state and never from an event. Must pass `signal` on to
 * everything it waits for: it is aborted at the timeout and when the process must go.
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<ReconcileResult>;

export interface ControllerOptions {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsSink;
  /** Keys worked on at the same time. Default 4. */
  readonly workers?: number;
  /** Longest reconcile, ms. Default 60 s. */
  readonly timeoutMs?: number;
  /** How long running reconciles may go on after the stop signal before they are aborted, ms. Default 10 s. */
  readonly drainMs?: number;
  readonly backoff?: BackoffOptions;
}

/** How long an aborted reconcile may take to come back, ms. */
const ABORT_GRACE_MS = 1_000;

export class Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  readonly #metrics: ControllerMetrics;
  readonly #logger: Logger;
  readonly #unsubscribe: (() => void)[] = [];

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#logger = options.logger.with({ controller: options.name });
    this.#metrics = new ControllerMetrics(options.name, options.metrics, options.workers ?? 4);
    const { name, clock, random, metrics, backoff } = options;
    this.queue = new WorkQueue({ name, clock, random, metrics, ...(backoff === undefined ? {} : { backoff }) });
  }

  /** Asks for a reconcile of that key. */
  enqueue(key: string): void {
    this.queue.add(key);
  }

  /**
   * Enqueues keys for each change in a store. `keysFor` maps an object to the keys it matters to; for an update the old
   * and the new state are both mapped, since an object may have moved from one owner to another.
   */
  watch(store: ReadonlyStore, keysFor: (object: KubeObject) => readonly string[]): void {
    const enqueue = (object: KubeObject): void => keysFor(object).forEach((key) => this.queue.add(key));
    const onUpdate = (before: KubeObject, after: KubeObject): void => {
      enqueue(before);
      enqueue(after);
    };
    this.#unsubscribe.push(store.subscribe({ onAdd: enqueue, onUpdate, onDelete: enqueue }));
  }

  /**
   * Works until `signal` is aborted, then takes in nothing more, lets running reconciles finish for `drainMs`, aborts
   * the rest, and resolves. Resolves true when everything came back, false when a reconcile ignored its signal: then
   * a write of it may still be under way.
   */
  async run(signal: AbortSignal): Promise<boolean> {
    const hardStop = new AbortController();
    const workers = Array.from({ length: this.#options.workers ?? 4 }, () => this.#work(hardStop.signal));
    await aborted(signal);
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.queue.shutDown();
    const allDone = Promise.all(workers);
    if (await settlesWithin(this.#options.clock, allDone, this.#options.drainMs ?? 10_000)) return true;
    this.#logger.warn('reconciles are still running at the end of the drain time; aborting them', { running: this.queue.processing });
    hardStop.abort(new Error('the process is stopping'));
    return settlesWithin(this.#options.clock, allDone, ABORT_GRACE_MS);
  }

  async #work(hardStop: AbortSignal): Promise<void> {
    for (let key = await this.queue.get(); key !== undefined; key = await this.queue.get()) {
      try {
        await this.#reconcileOne(key, hardStop);
      } finally {
        this.queue.done(key);
      }
    }
  }

  async #reconcileOne(key: string, hardStop: AbortSignal): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    this.#metrics.started();
    try {
      this.#succeeded(key, await this.#withTimeout(key, hardStop));
    } catch (error) {
      if (hardStop.aborted) this.#logger.info('reconcile aborted: the process is stopping', { key });
      else this.#failed(key, error);
    } finally {
      this.#metrics.finished((this.#options.clock.monotonicMs() - startedMs) / 1_000);
    }
  }

  async #withTimeout(key: string, hardStop: AbortSignal): Promise<ReconcileResult> {
    const timeoutMs = this.#options.timeoutMs ?? 60_000;
    const link = linkSignals(hardStop);
    const cancel = this.#options.clock.schedule(timeoutMs, () => this.#timeUp(key, timeoutMs, link.abort));
    try {
      return await this.#options.reconcile(key, link.signal);
    } finally {
      cancel();
      link.dispose();
    }
  }

  #timeUp(key: string, timeoutMs: number, abort: (reason: unknown) => void): void {
    this.#metrics.timedOut();
    this.#logger.error('reconcile took too long; aborting it', { key, timeoutMs });
    abort(new Error(`reconcile of ${key} took longer than ${timeoutMs} ms`));
  }

  #succeeded(key: string, result: ReconcileResult): void {
    this.queue.forget(key);
    if (result.requeueAfterMs === undefined) {
      this.#metrics.result('success');
      return;
    }
    this.#metrics.result('requeue_after');
    this.queue.addAfter(key, result.requeueAfterMs);
  }

  #failed(key: string, error: unknown): void {
    if (isApiError(error, 'Conflict')) {
      // The cache was older than the object: no failure, but look again once it has caught up. The growing delay
      // keeps a field conflict that never ends from becoming a busy loop.
      this.#metrics.result('requeue');
      const delayMs = this.queue.addRateLimited(key);
      this.#logger.debug('conflict; reconciling again', { key, delayMs, error });
      return;
    }
    this.#metrics.failed(error);
    if (error instanceof TerminalError) {
      this.queue.forget(key);
      this.#logger.error('reconcile failed for good; waiting for a change', { key, error });
      return;
    }
    const askedMs = isApiError(error) ? (error.retryAfterMs ?? 0) : 0;
    const delayMs = this.queue.addRateLimited(key, askedMs);
    // A server that is away is no defect of this reconcile, and says so once for each key that waits for it.
    const level = isApiError(error, 'Network', 'Unavailable', 'TooManyRequests') ? 'warn' : 'error';
    this.#logger[level]('reconcile failed; trying again', { key, delayMs, failures: this.queue.retries(key), error });
  }
}
