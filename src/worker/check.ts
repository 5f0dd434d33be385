/**
 * Whether a feature store can be served: its feature_store.yaml and its registry, with every problem at once.
 *
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RegistryError } from './definitions/load-definitions.ts';
import { readGoodRegistry } from './definitions/read-registry.ts';
import type { GoodRegistry } from './definitions/read-registry.ts';
import { machineNow } from './clock.ts';
import { FeatureStoreError, readFeatureStore } from './feature-store.ts';
import type { FeatureStore } from './feature-store.ts';

/** All that keeps a feature store from being served, one line each: the file, the problem, the remedy. */
export class Unservable extends Error {
  override readonly name = 'Unservable';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface CheckedStore {
  readonly store: FeatureStore;
  readonly registry: GoodRegistry;
}

/** Nobody waits for a turn while a command only checks. */
const pace = { stretchMs: 50, now: machineNow, pause: nextTurn };

/**
 * Reads both files.
 *
 * @throws Unservable
 */
export const checkFeatureStore = async (file: string, env: NodeJS.ProcessEnv): Promise<CheckedStore> => {
  const problems: string[] = [];
  const store = readOrCollect(file, env, problems);
  const source = store instanceof FeatureStoreError ? store.rest : store;
  const registry = source === undefined ? undefined : await readGoodRegistry(source.project, source.registry, pace).catch(collect(source.registry.path, problems));
  if (store instanceof FeatureStoreError || registry === undefined) throw new Unservable(problems);
  return { store, registry };
};

const readOrCollect = (file: string, env: NodeJS.ProcessEnv, problems: string[]): FeatureStore | FeatureStoreError => {
  try {
    return readFeatureStore(file, env);
  } catch (error) {
    if (!(error instanceof FeatureStoreError)) throw error;
    problems.push(...error.problems.map((problem) => `${file}: ${problem}`));
    return error;
  }
};

const collect =
  (path: string, problems: string[]) =>
  (error: unknown): undefined => {
    if (!(error instanceof RegistryError)) throw error;
    problems.push(...error.lines(path));
  };
