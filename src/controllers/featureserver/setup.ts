/**
 * Puts the FeatureServer controller together.
 *
 * @module
 */
import { fieldManagers } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import type { PoolReport } from '../../core/featureserver/observed.ts';
import type { OwnImages } from '../../core/featureserver/pinned-images.ts';
import type { ChildContext } from '../../core/specs/index.ts';
import { Controller } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/keys.ts';
import type { ApiClient, Clock, Logger, Random } from '../../runtime/ports.ts';
import { EventRecorder } from '../../telemetry/event-recorder.ts';
import type { OperatorMetrics } from '../../telemetry/metrics.ts';
import type { RecommendationReader } from '../scrape/ports.ts';
import { cacheNames, fleetOf, fleetOfTarget } from './caches.ts';
import type { CacheName, Caches } from './caches.ts';
import { FleetMetrics } from './fleet-metrics.ts';
import { Observer } from './observer.ts';
import { OwnWrites } from './own-writes.ts';
import { PoolPusher } from './pool-pusher.ts';
import type { PoolPort } from './pool-pusher.ts';
import { Reconciler } from './reconciler.ts';
import { StatusWriter } from './status-writer.ts';

export interface FeatureServerControllerOptions {
  /** Refuses writes while this process does not lead. */
  readonly client: ApiClient;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
  readonly recommendations: RecommendationReader;
  readonly poolClient: PoolPort;
  readonly ownImages: OwnImages;
  readonly operatorPods: ChildContext['operator'];
  /** Name of this process, for events. */
  readonly instance: string;
  /** FeatureServers reconciled at the same time. */
  readonly workers: number;
  leaseTransitions(): number;
  operatorKey(signal: AbortSignal): Promise<Uint8Array>;
}

/** Two queues: one for FeatureServers, one for the pods whose pools are set. */
export interface FeatureServerController {
  readonly fleets: Controller;
  readonly pods: Controller;
  /** What the running pods of a fleet told last of their pools, by pod name. */
  readonly reports: (fleetKey: string) => Readonly<Record<string, PoolReport>>;
}

export const createFeatureServerController = (options: FeatureServerControllerOptions): FeatureServerController => {
  const { client, caches, clock, random, logger, metrics, workers } = options;
  const featureServers = new OwnWrites(caches.featureServer, clock);
  const pusher = new PoolPusher({ client: options.poolClient, caches, clock, random, logger, metrics, onReport: (key) => fleets.enqueue(key) });
  const observer = new Observer({ ...options, pusher, featureServers });
  const statusWriter = new StatusWriter(client, clock, metrics, featureServers);
  const events = new EventRecorder({ client, type: resourceTypes.event, clock, random, logger, metrics, controller: 'plateau.dev/operator', instance: options.instance, fieldManager: fieldManagers.operator });
  const reconciler = new Reconciler({ ...options, observer, statusWriter, pusher, events, fleetMetrics: new FleetMetrics(metrics) });
  const fleets = new Controller({ name: 'featureserver', reconcile: (key, signal) => reconciler.reconcile(key, signal), clock, random, logger, metrics, workers });
  for (const name of cacheNames) fleets.watch(caches[name], keysFor[name] ?? fleetOf);
  return { fleets, pods: pusher.controller, reports: (fleetKey) => pusher.reports(fleetKey) };
};

const keysFor: Partial<Record<CacheName, (object: Parameters<typeof keyOf>[0]) => string[]>> = {
  featureServer: (object) => [keyOf(object)],
  autoscaler: fleetOfTarget,
  scaledObject: fleetOfTarget,
};
