/**
 * Opens the online store that the feature_store.yaml names.
 *
 * @module
 */
import type { OnlineStore } from './online-store.ts';
import { openRedisStore } from './redis/open-redis.ts';
import type { LinkSetting } from './redis/open-redis.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { StoreConfig } from './store-config.ts';

const checkEveryMs = 250;

export interface StoreInput extends LinkSetting {
  readonly config: StoreConfig;
  readonly project: string;
  /** `feast`: what is missing on Redis is PRESENT and null, as in Feast; `not-found`: it is NOT_FOUND. */
  readonly missingEntities: 'feast' | 'not-found';
}

/** Opens the store; it may be reached only later, and says so by its `problem`. */
export function openStore({ config, project, missingEntities, ...setting }: StoreInput): OnlineStore {
  if (config.type === 'redis') return openRedisStore({ ...setting, config, project, missingIsPresent: missingEntities === 'feast' });
  const store = new SqliteStore(config.path, project);
  store.check();
  setInterval(() => store.check(), checkEveryMs).unref();
  return store;
}
