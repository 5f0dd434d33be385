/**
 * A Redis store of the worker as its reads see it: one view, one join key, small integers.
 *
 * @module
 */
import type { FeatureView } from '../../../src/worker/definitions/definitions.ts';
import type { OnlineStore, ViewFound, ViewRead } from '../../../src/worker/store/online-store.ts';
import { openRedisStore } from '../../../src/worker/store/redis/open-redis.ts';
import { featureField, timestampField } from '../../../src/worker/store/redis/field-hash.ts';
import type { RedisStoreConfig } from '../../../src/worker/store/store-config.ts';
import { syntheticKey } from '../../../src/worker/synthetic-features.ts';
import { until } from './worker-process.ts';

export const project = 'p';

/** A view with the join key `entity` and int64 features. */
export const makeView = (name: string, features: readonly string[]): FeatureView => ({
  name,
  storedName: name,
  joinKeys: [{ name: 'entity', type: 4 }],
  features: new Map(features.map((feature) => [feature, 4])),
});

export const view = makeView('v', ['a', 'b']);
export const fieldA = featureField('v', 'a');
export const fieldB = featureField('v', 'b');
export const fieldTime = timestampField('v');

/** The key of an entity's hash. */
export const hashKey = (entity: number): Buffer => Buffer.concat([syntheticKey(entity), Buffer.from(project)]);

/** What a request for both features of these entities reads. */
export const readOf = (...entities: number[]): ViewRead[] => [{ view, features: ['a', 'b'], keys: entities.map(syntheticKey) }];

export const singleConfig = (port: number, more: Partial<RedisStoreConfig> = {}): RedisStoreConfig => ({ type: 'redis', topology: 'single', nodes: [{ host: '127.0.0.1', port }], db: 0, ...more });

/** Opens a store; reads fail after `timeoutMs`. */
export const openStore = (config: RedisStoreConfig, timeoutMs = 2000): OnlineStore =>
  openRedisStore({ config, project, missingIsPresent: true, timeoutMs, now: () => performance.now(), random: Math.random, beforeReading: () => undefined });

/** Waits until the store can be read. */
export const reached = async (store: OnlineStore): Promise<void> => {
  await until('the store is reached', () => store.problem === undefined).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${store.problem}`);
  });
};

/** Values of the first view: `[feature][entity]`. */
export const valuesOf = async (store: OnlineStore, reads: readonly ViewRead[]): Promise<ViewFound['values'] | undefined> => (await store.read(reads))[0]?.values;

/** How a read ends that does not: the error's name and message. */
export const failureOf = async (store: OnlineStore, reads: readonly ViewRead[] = readOf(1)): Promise<string> => {
  try {
    await store.read(reads);
    return 'no failure';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};
