/**
 * An online store that answers only a few requests at once.
 *
 * @module
 */
import { join } from 'node:path';
import { featureStoreYaml, startLocalStore } from '../runtimes/local-store.ts';
import type { LocalStore } from '../runtimes/local-store.ts';
import { featureStoreName, storeDelayMs } from '../runtimes/manifest.ts';
import { waitressOrjson } from '../runtimes/waitress-orjson.ts';
import { exampleFleet } from './example-fleet.ts';
import type { PreparedScenario, Scenario } from './scenario.ts';

const load = 110;
const atOnce = 4;
/** A client that gave up after the usual 2 s would hide the store's queue behind errors. */
const storeTimeoutSeconds = 30;

const featureStore = (store: LocalStore): Record<string, unknown> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: featureStoreName },
  data: { 'feature_store.yaml': featureStoreYaml(store) },
  binaryData: { 'registry.db': store.registry.toString('base64') },
});

const prepare = async (progress: (line: string) => void): Promise<PreparedScenario> => {
  const prepared = await waitressOrjson.prepare(progress);
  return {
    images: prepared.images,
    stage: async ({ runFolder, program, stack }) => {
      const store = await startLocalStore({ folder: join(runFolder, 'store'), program, delayMs: storeDelayMs });
      stack.defer(() => store.stop());
      const { server, env = [] } = prepared.server(store);
      const variables = { ...Object.fromEntries(env.map(({ name, value }) => [name, value])), PLATEAU_FEATURES_STORE_TIMEOUT: String(storeTimeoutSeconds) };
      const manifest = exampleFleet({ server, env: variables, others: [featureStore(store)], threads: { min: 14, initial: 14, max: 128 }, pods: 4 });
      return { manifest, begin: async () => store.limit(atOnce) };
    },
  };
};

/** 4 answers at once, each 55 ms away, are 73 a second. */
export const store: Scenario = {
  help: 'the online store answers only a few requests at once from a moment on (needs Python and Redis)',
  class: 'STORE',
  answer: 'more threads are tried and taken back, and no pod is added: it would only wait for the store too',
  load: { before: load, after: load },
  atSeconds: 20,
  cause: `the store now answers at most ${atOnce} at once, ${Math.round((atOnce * 1000) / storeDelayMs)} of ${load} requests/s`,
  prepare,
};
