/**
 * The controller_runtime_* metrics, under the names and with the meaning of controller-runtime.
 *
 * @module
 */
import type { MetricsSink } from './ports.ts';
import { TerminalError } from './terminal-error.ts';

const RESULTS = ['success', 'error', 'requeue', 'requeue_after'] as const;
export type ReconcileOutcome = (typeof RESULTS)[number];

const COUNTERS = [
  'controller_runtime_reconcile_errors_total',
  'controller_runtime_terminal_reconcile_errors_total',
  'controller_runtime_reconcile_panics_total',
  'controller_runtime_reconcile_timeouts_total',
];

export class ControllerMetrics {
  readonly #labels: { controller: string };
  readonly #sink: MetricsSink;
  #active = 0;

  constructor(controller: string, sink: MetricsSink, workers: number) {
    this.#labels = { controller };
    this.#sink = sink;
    // Series exist at 0 from the start, so that `rate()` sees the first increment and an alert sees the controller.
    for (const name of COUNTERS) sink.increment(name, this.#labels, 0);
    for (const result of RESULTS) sink.increment('controller_runtime_reconcile_total', { controller, result }, 0);
    sink.set('controller_runtime_max_concurrent_reconciles', this.#labels, workers);
    this.#reportActive(0);
  }

  /** A reconcile begins. */
  started(): void {
    this.#reportActive(1);
  }

  /** A reconcile has ended, after so many seconds. */
  finished(seconds: number): void {
    this.#reportActive(-1);
    this.#sink.observe('controller_runtime_reconcile_time_seconds', this.#labels, seconds);
  }

  /** How a reconcile ended. */
  result(result: ReconcileOutcome): void {
    this.#sink.increment('controller_runtime_reconcile_total', { ...this.#labels, result });
  }

  /** A reconcile was aborted at its timeout. */
  timedOut(): void {
    this.#sink.increment('controller_runtime_reconcile_timeouts_total', this.#labels);
  }

  /** A reconcile threw; tells terminal errors and programming errors from the rest. */
  failed(error: unknown): void {
    this.result('error');
    this.#sink.increment('controller_runtime_reconcile_errors_total', this.#labels);
    if (error instanceof TerminalError) this.#sink.increment('controller_runtime_terminal_reconcile_errors_total', this.#labels);
    if (isProgrammingError(error)) this.#sink.increment('controller_runtime_reconcile_panics_total', this.#labels);
  }

  #reportActive(change: number): void {
    this.#active += change;
    this.#sink.set('controller_runtime_active_workers', this.#labels, this.#active);
  }
}

/** What Go would call a panic: an error that the language raised, or something thrown that is no error at all. */
const isProgrammingError = (error: unknown): boolean =>
  !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError;
