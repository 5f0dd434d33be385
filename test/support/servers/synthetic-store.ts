/**
 * A Redis of one's own with the synthetic features, and the `feature_store.yaml` with its registry that reads them.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import { startRedisServer } from '../../../src/local/toolchain/redis-server.ts';
import type { RedisServer } from '../../../src/local/toolchain/redis-server.ts';

export const checkout = resolve(fileURLToPath(new URL('../../../', import.meta.url)));

/** The program of this checkout. */
export const plateau: readonly string[] = [process.execPath, join(checkout, 'src', 'cli', 'plateau.ts')];

export interface SyntheticStore {
  readonly project: string;
  readonly redis: { readonly host: string; readonly port: number };
  /** Path of the file whose `connection_string` names that Redis. */
  readonly featureStore: string;
}

/** The same features behind another address: a proxy in front of the same Redis. */
export const storeBehind = (store: SyntheticStore, port: number, folder: string): SyntheticStore => {
  mkdirSync(folder, { recursive: true });
  const featureStore = join(folder, 'feature_store.yaml');
  const registry = join(store.featureStore, '..', 'registry.db');
  writeFileSync(featureStore, featureStoreYaml(store.project, registry, port));
  return { project: store.project, redis: { host: '127.0.0.1', port }, featureStore };
};

const featureStoreYaml = (project: string, registry: string, port: number): string =>
  `project: ${project}\nprovider: local\nregistry: ${JSON.stringify(registry)}\nonline_store:\n  type: redis\n  connection_string: "127.0.0.1:${port}"\nentity_key_serialization_version: 3\n`;

/** Starts Redis and loads it. @throws MissingTool when there is no Redis on this machine */
export const startSyntheticStore = async (folder: string, project = 'plateau'): Promise<{ store: SyntheticStore; server: RedisServer }> => {
  mkdirSync(folder, { recursive: true });
  const server = await startRedisServer({ folder });
  try {
    const [program = '', ...args] = plateau;
    await runTool(program, [...args, 'load-features', '--redis', `redis://127.0.0.1:${server.port}`, '--folder', folder, '--project', project]);
    return { server, store: { project, redis: { host: server.host, port: server.port }, featureStore: join(folder, 'feature_store.yaml') } };
  } catch (error) {
    await server.stop();
    throw error;
  }
};
