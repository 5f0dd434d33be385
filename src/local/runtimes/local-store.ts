/**
 * The online store of a local fleet that does not read SQLite: a Redis of the run's own with the synthetic features, behind a proxy
 * that answers as late as a busy remote one.
 *
 * @module
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedisServer } from '../toolchain/redis-server.ts';
import { runTool } from '../toolchain/run-tool.ts';
import { startSlowProxy } from './slow-proxy.ts';

export interface LocalStore {
  readonly host: string;
  /** Of the proxy. */
  readonly port: number;
  readonly project: string;
  /** Content of the registry file that describes the features. */
  readonly registry: Buffer;
  /** From now on it answers so many requests at once; the others wait. */
  limit(atOnce: number): void;
  stop(): Promise<void>;
}

export interface LocalStoreOptions {
  /** A folder of the run. */
  readonly folder: string;
  /** Command line of `plateau`, whose `load-features` writes the features. */
  readonly program: readonly string[];
  /** What is added to each answer, ms. */
  readonly delayMs: number;
}

const project = 'ranking';

/** Starts and fills it. @throws MissingTool when there is no Redis on this machine */
export const startLocalStore = async ({ folder, program, delayMs }: LocalStoreOptions): Promise<LocalStore> => {
  await using stack = new AsyncDisposableStack();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const redis = await startRedisServer({ folder });
  stack.defer(() => redis.stop());
  const [command = '', ...words] = program;
  await runTool(command, [...words, 'load-features', '--redis', `redis://${redis.host}:${redis.port}`, '--folder', folder, '--project', project]);
  const registry = readFileSync(join(folder, 'registry.db'));
  const proxy = await startSlowProxy({ host: redis.host, port: redis.port, delayMs });
  stack.defer(() => proxy.stop());
  const started = stack.move();
  return { host: redis.host, port: proxy.port, project, registry, limit: (atOnce) => proxy.limit(atOnce), stop: () => started.disposeAsync() };
};

/** `feature_store.yaml` of that store; the registry lies beside it. */
export const featureStoreYaml = ({ host, port, project: name }: LocalStore): string =>
  `project: ${name}\nprovider: local\nregistry: registry.db\nonline_store:\n  type: redis\n  connection_string: "${host}:${port}"\nentity_key_serialization_version: 3\n`;
