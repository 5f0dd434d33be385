/** Feature repositories in a folder of their own, filled by Feast itself. @module */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { PythonEnvironment } from '../../../../src/local/toolchain/python-environment.ts';
import { runTool } from '../../../../src/local/toolchain/run-tool.ts';
import { catalogueSchema } from './catalogue.ts';
import type { Catalogue } from './catalogue.ts';

/** Full path of one of the Python programs beside these tests. */
export const script = (name: string): string => fileURLToPath(new URL(`../python/${name}`, import.meta.url));

/** Not UTC: Feast's SQLite store converts timestamps by the zone of its process, and whoever develops on a laptop has one. */
export const timeZone = 'Europe/Berlin';

/** Of Feast's processes: no usage reports, no compiled files in the checkout. */
export const feastEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, TZ: timeZone, FEAST_USAGE: 'False', PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1' });

/** A folder that `remove` deletes. */
export const temporaryFolder = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'plateau-feast-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** A mapping of feature_store.yaml. */
type Section = Readonly<Record<string, string | number | boolean>>;

/**
 * Makes a feature repository.
 *
 * @param registry by default a file in the folder itself
 * @returns its folder
 */
export const makeRepository = (parent: string, name: string, onlineStore: Section, registry: Section = { path: 'registry.db' }): string => {
  const folder = join(parent, name);
  mkdirSync(folder);
  const content = {
    project: 'compat',
    provider: 'local',
    registry,
    online_store: onlineStore,
    offline_store: { type: 'file' },
    entity_key_serialization_version: 3,
  };
  writeFileSync(join(folder, 'feature_store.yaml'), stringify(content));
  return folder;
};

/** Applies definitions to the repositories and writes rows, the same for the same seed. */
export const buildRepositories = async (python: PythonEnvironment, seed: number, repositories: readonly string[]): Promise<Catalogue> => {
  const printed = await runTool(python.python, [script('build.py'), String(seed), ...repositories], { env: feastEnvironment() });
  return catalogueSchema.parse(JSON.parse(printed));
};
