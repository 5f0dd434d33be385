/**
 * A reflector with short times against the hostile server, over the client that the operator uses.
 *
 * @module
 */
import { createApiClient } from '../../../src/kube/client.ts';
import type { KubeConnection } from '../../../src/kube/load-kube-config.ts';
import type { KubeObject } from '../../../src/runtime/ports.ts';
import { Reflector } from '../../../src/runtime/reflector.ts';
import type { ReflectorTuning } from '../../../src/runtime/reflector.ts';
import { Store } from '../../../src/runtime/store.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { HostileServer } from '../hostile-server.ts';
import { configMapType } from './objects.ts';
import { RecordingLogger, RecordingMetrics } from './recorders.ts';

/** A connection without credentials, over plain HTTP. */
export const plainConnection = (server: string): KubeConnection => ({
  server,
  namespace: undefined,
  source: 'test',
  proxyUrl: undefined,
  authenticate: async () => ({ tls: {}, headers: {} }),
});

/** Everything about a hundred times faster than in production. */
const quick: ReflectorTuning = {
  pageSize: 3,
  watchSeconds: { min: 240, max: 480 },
  stallGraceMs: 30_000,
  idleMs: 60_000,
  backoff: { baseMs: 8, maxMs: 300 },
  shortWatchMs: 10,
  relistAfterFailures: 5,
  maxListAgeMs: 3_600_000,
};

export const startReflector = async (tuning: Partial<ReflectorTuning> = {}, prepare: (server: HostileServer) => void = () => undefined) => {
  const server = new HostileServer();
  await server.start();
  prepare(server);
  const clock = systemClock();
  const logger = new RecordingLogger();
  const client = createApiClient(plainConnection(server.url), { clock, metrics: new RecordingMetrics() });
  const store = new Store({ logger });
  const told: string[] = [];
  const changed: (() => void)[] = [];
  const note = (text: string): void => {
    told.push(text);
    changed.splice(0).forEach((resolve) => resolve());
  };
  store.subscribe({
    onAdd: (object) => note(`add ${object.metadata.name}`),
    onUpdate: (_before, object) => note(`update ${object.metadata.name}`),
    onDelete: (object) => note(`delete ${object.metadata.name}`),
  });
  const reflector = new Reflector({ client, type: configMapType, store, clock, random: Math.random, logger, tuning: { ...quick, ...tuning } });
  const stop = new AbortController();
  const ended = reflector.run(stop.signal);
  const contents = (objects: Iterable<KubeObject>): string[] =>
    [...objects].map((object) => `${object.metadata.name}@${object.metadata.resourceVersion} ${JSON.stringify(object['data'])}`).sort();
  /** Resolves when the store equals what the server holds. */
  const converged = async (): Promise<void> => {
    while (contents(store.list()).join() !== contents(server.objects.values()).join()) await new Promise<void>((resolve) => changed.push(resolve));
  };
  const close = async (): Promise<void> => {
    stop.abort();
    await ended;
    await client.close();
    await server.stop();
  };
  return { server, store, reflector, told, logger, converged, stop, ended, close };
};
