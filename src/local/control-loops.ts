/**
 * What the kubelet and the Deployment controller share: the API server, a clock, and where to log.
 *
 * @module
 */
import type { ApiClient, Clock, Logger, MetricsSink, Random, ResourceType } from '../runtime/ports.ts';
import { Reflector } from '../runtime/reflector.ts';
import { Store } from '../runtime/store.ts';

export interface ControlContext {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsSink;
}

/** A cache of one kind that a reflector keeps up to date. */
export interface Cache {
  readonly store: Store;
  /** Resolves after the first complete list. */
  readonly synced: Promise<void>;
  /** Lists and watches until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** Makes a cache of one kind in all namespaces. */
export const cacheOf = (context: ControlContext, type: ResourceType): Cache => {
  const { client, clock, random, logger } = context;
  const store = new Store({ logger });
  // One API server on the same machine: what it does not answer now it answers in a moment.
  const reflector = new Reflector({ client, type, store, clock, random, logger, tuning: { backoff: { baseMs: 100, maxMs: 2_000 } } });
  return { store, synced: reflector.synced, run: (signal) => reflector.run(signal) };
};

/** Nobody reads these numbers on one machine. */
export const noMetrics: MetricsSink = { increment: () => undefined, set: () => undefined, observe: () => undefined };
