/**
 * Composition root of the operator: adapters, caches, controllers, election and HTTP port, started and stopped in order.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resourceTypes } from './api/resource-types.ts';
import { cacheNames, createCaches, selectorOf, typeOf } from './controllers/featureserver/caches.ts';
import type { Caches } from './controllers/featureserver/caches.ts';
import { createFleetSource } from './controllers/featureserver/fleet-source.ts';
import { fleetDetails, fleetSummaries } from './controllers/featureserver/fleet-view.ts';
import { operatorKeyFromFile, operatorKeyFromSecret } from './controllers/featureserver/operator-key.ts';
import { createFeatureServerController } from './controllers/featureserver/setup.ts';
import { optionalWatch } from './controllers/optional-watch.ts';
import { preflight } from './controllers/preflight.ts';
import { AutoscalerLoop } from './controllers/scrape/autoscaler-loop.ts';
import { podAgent } from './controllers/scrape/bounded-request.ts';
import { DecisionRecorder } from './controllers/scrape/decision-recorder.ts';
import { PoolClient } from './controllers/scrape/pool-client.ts';
import { RecommendationStore } from './controllers/scrape/recommendation-store.ts';
import { Scraper } from './controllers/scrape/scraper.ts';
import { createApiClient } from './kube/client.ts';
import { loadKubeConfig } from './kube/load-kube-config.ts';
import { fencedClient } from './runtime/fenced-client.ts';
import { LeaderElector } from './runtime/leader-elector.ts';
import { Manager } from './runtime/manager.ts';
import type { ApiClient } from './runtime/ports.ts';
import { Reflector } from './runtime/reflector.ts';
import { systemClock } from './runtime/system-clock.ts';
import { aborted } from './runtime/waiting.ts';
import type { OperatorOptions, Platform } from './operator-options.ts';
import { startHttpServer } from './telemetry/http-server.ts';
import { createLogger } from './telemetry/logger.ts';
import { metricCatalogue } from './telemetry/metric-catalogue.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { RotatingFile } from './telemetry/rotating-file.ts';

/**
 * Runs the operator until `signal` is aborted, then stops in order and resolves. Rejects with one sentence when it cannot
 * start, when the lease is lost, or when a part fails: the process should then end, and be started anew.
 */
export const runOperator = async (options: OperatorOptions, signal: AbortSignal): Promise<void> => {
  const platform = { clock: systemClock(), random: Math.random, logger: createLogger(options.log), metrics: createMetrics(metricCatalogue) };
  const connection = loadKubeConfig({ ...(options.kubeconfig && { path: options.kubeconfig }), ...(options.context && { context: options.context }) });
  const client = createApiClient(connection, platform);
  try {
    const caches = createCaches(platform.logger);
    const elector = options.election && createElector(options.election, client, platform);
    const manager = new Manager({ ...platform, ...(elector && { elector }) });
    const http = await startHttp(options, caches, manager, platform);
    options.onListening?.(http);
    try {
      const scope = options.namespace === undefined ? {} : { namespace: options.namespace };
      await preflight({ client, main: resourceTypes.featureServer, others: watchedTypes, ...scope, ...platform }, signal);
      addWatches(manager, caches, client, platform, scope);
      addControllers(manager, caches, elector === undefined ? client : fencedClient(client, elector), { options, platform, elector });
      await manager.run(signal);
    } finally {
      await http.close();
    }
  } finally {
    await client.close();
  }
};

const watchedTypes = cacheNames.filter((name) => name !== 'featureServer' && name !== 'scaledObject').map(typeOf);

const startHttp = (options: OperatorOptions, caches: Caches, manager: Manager, { metrics, logger }: Platform) =>
  startHttpServer({
    ...options.http,
    metrics,
    logger,
    ready: () => manager.ready(),
    leading: () => manager.leading(),
    fleets: () => fleetSummaries(caches),
    fleet: (namespace, name) => fleetDetails(caches, namespace, name),
  });

const createElector = (election: NonNullable<OperatorOptions['election']>, client: ApiClient, platform: Platform): LeaderElector => {
  const { lease, ...timing } = election;
  return new LeaderElector({ client, lease, ...timing, identity: `${hostname()}_${randomUUID()}`, ...platform });
};

const addWatches = (manager: Manager, caches: Caches, client: ApiClient, platform: Platform, scope: { namespace?: string }): void => {
  for (const name of cacheNames) {
    const labelSelector = selectorOf(name);
    const reflector = new Reflector({ client, type: typeOf(name), store: caches[name], ...platform, ...scope, ...(labelSelector && { labelSelector }) });
    if (name === 'scaledObject') manager.add('cache', optionalWatch({ client, type: typeOf(name), reflector, ...platform, ...scope }));
    else manager.add('cache', { name: `watch of ${name}`, run: (stop) => reflector.run(stop), synced: reflector.synced });
  }
};

interface Context {
  options: OperatorOptions;
  platform: Platform;
  elector: LeaderElector | undefined;
}

const addControllers = (manager: Manager, caches: Caches, client: ApiClient, { options, platform, elector }: Context): void => {
  const { clock, random, logger, metrics } = platform;
  const dispatcher = podAgent();
  const recommendations = new RecommendationStore();
  const { fleets, pods, reports } = createFeatureServerController({
    client, caches, clock, random, logger, metrics, recommendations,
    poolClient: new PoolClient({ clock, dispatcher }),
    ownImages: options.ownImages,
    operatorPods: options.operatorPods,
    instance: elector?.identity ?? hostname(),
    workers: options.workers,
    leaseTransitions: () => elector?.transitions ?? 0,
    operatorKey: operatorKeySource(options, client),
  });
  const scraper = new Scraper({ clock, random, dispatcher, logger, metrics });
  const file = options.decisionsFile === undefined ? undefined : new RotatingFile({ path: options.decisionsFile, what: 'decisions', clock, logger });
  const recorder = new DecisionRecorder({ logger, ...(file && { file }) });
  const loop = new AutoscalerLoop({
    source: createFleetSource(caches, reports), scraper, store: recommendations, clock, logger, metrics,
    onRecommendation: (key) => fleets.enqueue(key),
    onEvaluation: (evaluation) => recorder.record(evaluation),
  });
  manager.add('leader', { name: 'controller of FeatureServers', run: (stop) => fleets.run(stop) });
  manager.add('leader', { name: 'controller of pools', run: (stop) => pods.run(stop) });
  manager.add('leader', { name: 'measuring loop', run: (stop) => runLoop(loop, async () => void (await Promise.all([dispatcher.destroy(), file?.close()])), stop) });
};

const runLoop = async (loop: AutoscalerLoop, close: () => Promise<void>, stop: AbortSignal): Promise<void> => {
  loop.start();
  await aborted(stop);
  loop.stop();
  await close();
};

/** Asked for at the first reconcile and then remembered; a failure is not. */
const operatorKeySource = (options: OperatorOptions, client: ApiClient): ((signal: AbortSignal) => Promise<Uint8Array>) => {
  if (options.operatorKeyFile !== undefined) {
    const key = Promise.resolve(operatorKeyFromFile(options.operatorKeyFile));
    return () => key;
  }
  let known: Promise<Uint8Array> | undefined;
  const forget = (error: unknown): never => {
    known = undefined;
    throw error;
  };
  // Without the signal of one reconcile: several wait for the same answer.
  return () => (known ??= operatorKeyFromSecret(client, options.operatorNamespace).catch(forget));
};
