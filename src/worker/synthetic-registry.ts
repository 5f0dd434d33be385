/**
 * The registry of the synthetic features.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { readRegistry } from './definitions/registry-file.ts';
import { writeRegistry } from './definitions/registry-writer.ts';
import type { WrittenRegistry } from './definitions/registry-writer.ts';
import { runAtOnce } from './definitions/steps.ts';
import { valueType } from './definitions/value-types.ts';
import { syntheticJoinKey, syntheticViews } from './synthetic-features.ts';
import type { SyntheticFeatures } from './synthetic-features.ts';

/** Holds all views. */
export const syntheticService = 'all_features';

type Wanted = Pick<SyntheticFeatures, 'project' | 'views' | 'features'>;

/**
 * Writes the file, which Feast reads, too. An earlier one of synthetic features is replaced.
 *
 * @throws Error when there is a registry of somebody's real features
 */
export const writeSyntheticRegistry = (path: string, wanted: Wanted): void => {
  if (existsSync(path) && !isSynthetic(readFileSync(path))) throw new Error(`${path} is a registry of other features and was left alone; choose another folder`);
  writeRegistry(path, syntheticRegistry(wanted));
};

/** Whether all it holds, in all its projects, has the names of synthetic features. An empty file holds nothing. */
const isSynthetic = (file: Buffer): boolean => {
  try {
    const { projects } = runAtOnce(readRegistry(file, ''));
    return [...projects].every((project) => {
      const { views, services, onDemandViews } = runAtOnce(readRegistry(file, project));
      return [...views.map(({ name }) => name), ...onDemandViews].every((name) => /^feature_view_\d+$/.test(name)) && services.every(({ name }) => name === syntheticService);
    });
  } catch {
    return false; // whatever it is, it is not ours
  }
};

/** What the file says. */
export const syntheticRegistry = ({ project, views, features }: Wanted): WrittenRegistry => {
  const written = syntheticViews({ views, features }).map(({ name, first, last }) => ({
    name,
    entities: [syntheticJoinKey],
    features: Array.from({ length: last - first }, (_, index) => ({ name: `feature_${first + index}`, type: valueType.int64 })),
  }));
  return {
    project,
    entities: new Map([[syntheticJoinKey, { name: syntheticJoinKey, type: valueType.int64 }]]),
    views: written,
    services: new Map([[syntheticService, written.map(({ name }) => name)]]),
  };
};
