/**
 * Brings the pool configuration to pods that already run. One key for each pod: the queue gives bounded concurrency,
 * backoff for pods that are away, and a fresh attempt for pods that restart.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import type { PoolChange, PoolConfig, PoolState } from '../../api/protocol.ts';
import type { PoolReport } from '../../core/featureserver/observed.ts';
import { equalJitterMs } from '../../runtime/backoff.ts';
import { Controller } from '../../runtime/controller.ts';
import type { ControllerOptions, ReconcileResult } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/keys.ts';
import type { KubeObject, Logger, MetricsSink } from '../../runtime/ports.ts';
import { PoolFailure } from '../scrape/pool-client.ts';
import type { PodTarget } from '../scrape/ports.ts';
import { fleetOf, indexes } from './caches.ts';
import type { Caches } from './caches.ts';
import { podTarget } from './pod-target.ts';

/** Speaks the worker-pool protocol to one pod; see src/controllers/scrape/pool-client.ts. Rejects with a `PoolFailure`. */
export interface PoolPort {
  get(target: PodTarget, signal?: AbortSignal): Promise<PoolState>;
  put(target: PodTarget, change: PoolChange, token: string, signal?: AbortSignal): Promise<PoolState>;
}

export interface PoolPusherOptions extends Pick<ControllerOptions, 'clock' | 'random'> {
  readonly client: PoolPort;
  readonly caches: Pick<Caches, 'pod'>;
  readonly metrics: MetricsSink;
  readonly logger: Logger;
  /** Pods spoken to at the same time. Default 16. */
  readonly workers?: number;
  /** A pod of that fleet has told something new. */
  onReport(fleetKey: string): void;
}

interface Wanted {
  config: PoolConfig;
  token: string;
  adminPort: number;
}

interface Heard {
  incarnation: string;
  report: PoolReport;
  /** Generation that the pod refused for good: not asked again until there is another. */
  refused?: number;
}

/** Longest exchange with one pod, ms; then others get their turn. */
const exchangeMs = 10_000;
const backoff = { baseMs: 250, maxMs: 15_000 };
/** Failures in a row, ten seconds of them and more, that are worth a line in the log. */
const newsAfter = 7;

export class PoolPusher {
  readonly controller: Controller;
  readonly #options: PoolPusherOptions;
  readonly #wanted = new Map<string, Wanted>();
  /** Pod key → what it told. */
  readonly #heard = new Map<string, Heard>();
  /** Pod key → failures in a row. */
  readonly #failures = new Map<string, number>();

  constructor(options: PoolPusherOptions) {
    this.#options = options;
    const { clock, random, logger, metrics, workers = 16 } = options;
    this.controller = new Controller({ name: 'pool', reconcile: (key, signal) => this.#reconcile(key, signal), clock, random, logger, metrics, workers, timeoutMs: exchangeMs });
    this.controller.watch(options.caches.pod, (pod) => [keyOf(pod)]);
  }

  /** Sets what the pods of a fleet should run; enqueues those that do not, as far as is known. */
  want(fleetKey: string, { spec }: FeatureServer, config: PoolConfig, token: string): void {
    const before = this.#wanted.get(fleetKey);
    this.#wanted.set(fleetKey, { config, token, adminPort: spec.ports.admin });
    if (before?.config.generation === config.generation && before.adminPort === spec.ports.admin) return;
    for (const pod of this.#podsOf(fleetKey)) this.controller.enqueue(keyOf(pod));
  }

  /** Forgets a fleet that is gone. */
  forget(fleetKey: string): void {
    this.#wanted.delete(fleetKey);
  }

  /** What the running pods of a fleet told last, by pod name. */
  reports(fleetKey: string): Record<string, PoolReport> {
    const entries = this.#podsOf(fleetKey).flatMap((pod) => {
      const heard = this.#heardOf(pod, fleetKey);
      return heard === undefined ? [] : [[pod.metadata.name ?? '', heard.report] as const];
    });
    return Object.fromEntries(entries);
  }

  #podsOf(fleetKey: string): KubeObject[] {
    return this.#options.caches.pod.byIndex(indexes.fleet, fleetKey);
  }

  #heardOf(pod: KubeObject, fleetKey: string): Heard | undefined {
    const heard = this.#heard.get(keyOf(pod));
    const target = podTarget(pod, this.#wanted.get(fleetKey)?.adminPort ?? 0);
    return heard !== undefined && heard.incarnation === target?.incarnation ? heard : undefined;
  }

  async #reconcile(podKey: string, signal: AbortSignal): Promise<ReconcileResult> {
    const pod = this.#options.caches.pod.get(podKey);
    if (pod === undefined) this.#forgetPod(podKey);
    const fleetKey = pod === undefined ? undefined : fleetOf(pod)[0];
    const wanted = fleetKey === undefined ? undefined : this.#wanted.get(fleetKey);
    if (pod === undefined || fleetKey === undefined || wanted === undefined) return {};
    const target = podTarget(pod, wanted.adminPort);
    const heard = this.#heardOf(pod, fleetKey);
    const generation = wanted.config.generation;
    if (target === null || (heard !== undefined && (heard.report.generation >= generation || heard.refused === generation))) return {};
    return this.#exchange({ podKey, fleetKey, target, wanted, known: heard?.report, signal });
  }

  #forgetPod(podKey: string): void {
    this.#heard.delete(podKey);
    this.#failures.delete(podKey);
  }

  async #exchange({ podKey, fleetKey, target, wanted, known, signal }: Exchange): Promise<ReconcileResult> {
    const { client, metrics } = this.#options;
    const { config, token } = wanted;
    try {
      const before = known ?? reportOf(await client.get(target, signal));
      const heard = await this.#ask(target, before, config, token, signal);
      this.#heard.set(podKey, heard);
      metrics.increment('plateau_pool_pushes_total', { result: heard.refused === undefined ? 'answered' : 'refused' });
      this.#failures.delete(podKey);
      this.#options.onReport(fleetKey);
      return {};
    } catch (error) {
      if (!(error instanceof PoolFailure)) throw error;
      metrics.increment('plateau_pool_pushes_total', { result: 'failed' });
      return { requeueAfterMs: this.#afterFailure(podKey, target, error) };
    }
  }

  /** Pods come and go: that one does not answer is ordinary, that it keeps silent is worth a look, and neither is a failure of the operator. */
  #afterFailure(podKey: string, { name }: PodTarget, error: PoolFailure): number {
    const failures = (this.#failures.get(podKey) ?? 0) + 1;
    this.#failures.set(podKey, failures);
    const delayMs = equalJitterMs(backoff, failures - 1, this.#options.random);
    const level = failures === newsAfter ? 'warn' : 'debug';
    this.#options.logger[level]('a pod does not take its pool configuration; asking again', { pod: name, failures, delayMs, error });
    return delayMs;
  }

  async #ask(target: PodTarget, before: PoolReport, config: PoolConfig, token: string, signal: AbortSignal): Promise<Heard> {
    const { incarnation } = target;
    const { generation } = config;
    // A pod that runs ahead keeps what it has; the reconcile then chooses a generation above it.
    if (before.generation > generation) return { incarnation, report: before };
    try {
      return { incarnation, report: reportOf(await this.#options.client.put(target, change(config, before), token, signal)) };
    } catch (error) {
      if (!(error instanceof PoolFailure)) throw error;
      if (error.kind === 'StaleGeneration') return { incarnation, report: { ...before, generation: generation + 1 } };
      if (error.kind !== 'OutOfRange') throw error;
      this.#options.logger.warn('a pod refused its pool size', { pod: target.name, generation, error });
      return { incarnation, report: before, refused: generation };
    }
  }
}

interface Exchange {
  podKey: string;
  fleetKey: string;
  target: PodTarget;
  wanted: Wanted;
  known: PoolReport | undefined;
  signal: AbortSignal;
}

const reportOf = ({ generation, threads, processes, live, limits }: PoolState): PoolReport => ({ generation, threads, processes, live, limits });

/** Only what the pod can change while it runs; the generation says that it has seen the rest. */
const change = ({ generation, threads, processes, objectiveMs }: PoolConfig, { live }: PoolReport): PoolChange => ({
  generation,
  objectiveMs,
  ...(live.threads ? { threads } : {}),
  ...(live.processes ? { processes } : {}),
});
