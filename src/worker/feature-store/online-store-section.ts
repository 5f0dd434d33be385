/**
 * `online_store` of a `feature_store.yaml`.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { RedisStoreConfig, StoreConfig } from '../store/store-config.ts';
import { parseConnectionString } from './connection-string.ts';
import { missingVariables } from './environment.ts';
import { isMapping, refuseUnknownKeys } from './section.ts';
import type { Findings, Mapping } from './section.ts';

/** Settings of Feast that say how features are written, or how vectors are searched. */
const sqliteKeys = new Set(['type', 'path', 'vector_enabled', 'similarity', 'text_search_enabled', 'enable_openai_compatible_store']);
const redisKeys = new Set(['type', 'redis_type', 'sentinel_master', 'connection_string', 'key_ttl_seconds', 'full_scan_for_deletion', 'skip_dedup']);
const topologies: Readonly<Record<string, RedisStoreConfig['topology']>> = { redis: 'single', redis_cluster: 'cluster', redis_sentinel: 'sentinel' };

/**
 * Reads the section; what is missing has Feast's default.
 *
 * @param folder of the YAML: relative paths begin there, as in Feast
 * @returns undefined when it cannot be served; the findings say why
 */
export const readOnlineStore = (section: unknown, folder: string, findings: Findings): StoreConfig | undefined => {
  const store = asMapping(section);
  if (store === undefined) {
    findings.problems.push('`online_store` says that there is no online store; set it to {type: redis, connection_string: …} or {type: sqlite, path: …}');
    return undefined;
  }
  const type = store['type'] ?? 'sqlite';
  if (type === 'redis') return readRedis(store, folder, findings);
  if (type === 'sqlite' || type === 'feast.infra.online_stores.sqlite.SqliteOnlineStore') return readSqlite(store, folder, findings);
  findings.problems.push(`\`online_store.type\` ${JSON.stringify(type)} is not supported; use redis or sqlite, or Feast's own server (server.feast) for other stores`);
  return undefined;
};

/** Feast takes a bare type, too; without the section it is SQLite. */
const asMapping = (section: unknown): Mapping | undefined => {
  if (section === undefined) return {};
  if (typeof section === 'string' && !['none', 'null'].includes(section.toLowerCase())) return { type: section };
  return isMapping(section) ? section : undefined;
};

const readSqlite = (store: Mapping, folder: string, findings: Findings): StoreConfig | undefined => {
  refuseUnknownKeys(store, 'online_store', sqliteKeys, findings);
  const path = store['path'] ?? 'data/online.db';
  if (typeof path !== 'string' || path === '') {
    findings.problems.push('`online_store.path` is no path; set it to the SQLite file, or remove it for data/online.db');
    return undefined;
  }
  for (const name of missingVariables(path)) findings.problems.push(`\`online_store.path\` names the environment variable ${name}, which is not set; set it for this process`);
  return { type: 'sqlite', path: resolve(folder, path) };
};

const readRedis = (store: Mapping, folder: string, findings: Findings): StoreConfig | undefined => {
  refuseUnknownKeys(store, 'online_store', redisKeys, findings);
  const topology = readTopology(store['redis_type'] ?? 'redis', findings);
  const text = store['connection_string'] ?? 'localhost:6379';
  if (typeof text !== 'string') {
    findings.problems.push('`online_store.connection_string` is no text; set it to host:port[,name=value…]');
    return undefined;
  }
  const { problems, nodes, ...connection } = parseConnectionString(text, folder);
  findings.problems.push(...problems.map((problem) => `\`online_store.connection_string\` ${problem}`));
  const [first] = nodes;
  if (topology === undefined || first === undefined) return undefined;
  if (topology === 'cluster' && connection.db !== 0) findings.problems.push('`online_store.connection_string` has a `db`, and a cluster has only one database; remove it');
  // Feast connects to the first address alone when it is neither a cluster nor sentinels.
  const base: RedisStoreConfig = { type: 'redis', topology, nodes: topology === 'single' ? [first] : nodes, ...connection };
  return topology === 'sentinel' ? { ...base, sentinelMaster: readMaster(store['sentinel_master'] ?? 'mymaster', findings) } : base;
};

const readTopology = (kind: unknown, { problems }: Findings): RedisStoreConfig['topology'] | undefined => {
  const topology = typeof kind === 'string' && Object.hasOwn(topologies, kind) ? topologies[kind] : undefined;
  if (topology === undefined) problems.push(`\`online_store.redis_type\` ${JSON.stringify(kind)} is not known; set it to redis, redis_cluster or redis_sentinel`);
  return topology;
};

const readMaster = (name: unknown, { problems }: Findings): string => {
  if (typeof name === 'string' && name !== '') return name;
  problems.push('`online_store.sentinel_master` is no text; set it to the name that the sentinels know the master by');
  return '';
};
