/**
 * Applies the objects of a manifest, and says where in the file a refused one is wrong.
 *
 * @module
 */
import { isApiError } from '../../runtime/ports.ts';
import type { ApiClient } from '../../runtime/ports.ts';
import { ManifestError } from './read-manifest.ts';
import type { ManifestObject } from './read-manifest.ts';

const fieldManager = 'plateau-local';
const fieldPath = /\b((?:spec|data|metadata)(?:\.[A-Za-z0-9_-]+|\[[^\]]*\])*)/u;

/**
 * Applies the objects, ConfigMaps and Secrets before what refers to them.
 *
 * @throws ManifestError when the API server refuses one, with the line of the field that it names
 */
export const applyManifest = async (client: ApiClient, objects: readonly ManifestObject[]): Promise<void> => {
  const order = [...objects.filter(({ type }) => type.kind !== 'FeatureServer'), ...objects.filter(({ type }) => type.kind === 'FeatureServer')];
  const problems: string[] = [];
  for (const { type, object, at } of order) {
    try {
      await client.apply(type, object, { fieldManager, force: true });
    } catch (error) {
      if (!isApiError(error, 'Invalid', 'Forbidden', 'NotFound')) throw error;
      const [, path = ''] = fieldPath.exec(error.message) ?? [];
      problems.push(`${at(path)}: ${type.kind} ${object.metadata.name ?? ''} is refused: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new ManifestError(problems);
};
