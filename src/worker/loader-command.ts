/**
 * `plateau load-features`: a synthetic online store, and the `feature_store.yaml` that serves it.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readFeatureStore } from './feature-store.ts';
import { loadSyntheticFeatures } from './loader.ts';
import type { SyntheticFeatures } from './loader.ts';

const usage = `usage: plateau load-features --path FILE [--project plateau] [--views 5] [--features 50] [--entities 2000] [--seed 1]

Writes synthetic features into the SQLite file in Feast's layout, and a feature_store.yaml beside it when there is none.
`;

const options = {
  path: { type: 'string' },
  project: { type: 'string', default: 'plateau' },
  views: { type: 'string', default: '5' },
  features: { type: 'string', default: '50' },
  entities: { type: 'string', default: '2000' },
  seed: { type: 'string', default: '1' },
} as const;

/**
 * Runs the command.
 * @returns the exit code: 0, 1 when the store cannot be written, 2 for a wrong command line
 */
export async function runLoadFeatures(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  const wanted = readArguments(argv);
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\n${usage}`);
    return 2;
  }
  const { path, project, features, entities } = wanted;
  try {
    mkdirSync(dirname(path), { recursive: true });
    loadSyntheticFeatures(wanted);
    process.stdout.write(`${features} features of ${entities} entities in ${path}\n${adviseServing(path, project)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`plateau load-features: ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** The wish, or a sentence that says what is wrong with the command line. */
function readArguments(argv: readonly string[]): SyntheticFeatures | string {
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (values.path === undefined) return '--path is missing';
  if (!/^\w+$/.test(values.project)) return '--project must be made of letters, digits and underscores';
  const numbers = { views: count(values.views), features: count(values.features), entities: count(values.entities), seed: count(values.seed) };
  const wrong = Object.entries(numbers).filter(([, value]) => value === undefined).map(([name]) => `--${name}`);
  if (wrong.length > 0) return `${wrong.join(', ')} must be a whole number of at least 1`;
  const { views = 1, features = 1, entities = 1, seed = 1 } = numbers;
  return { path: resolve(values.path), project: values.project, views, features, entities, seed };
}

/** Writes the feature_store.yaml when there is none; one that serves something else is left alone, and said. */
function adviseServing(path: string, project: string): string {
  const yaml = join(dirname(path), 'feature_store.yaml');
  if (!existsSync(yaml)) writeFileSync(yaml, featureStoreYaml(project, path));
  if (serves(yaml, path, project)) return `serve them with: plateau worker --feature-store ${yaml}`;
  return `${yaml} is about another store and was left alone; serve these features with a file that holds:\n${featureStoreYaml(project, path)}`;
}

function serves(yaml: string, path: string, project: string): boolean {
  try {
    const store = readFeatureStore(yaml);
    return store.project === project && store.path === path;
  } catch {
    return false; // not for this server
  }
}

function featureStoreYaml(project: string, path: string): string {
  return `project: ${project}\nprovider: local\nonline_store:\n  type: sqlite\n  path: ${JSON.stringify(path)}\nentity_key_serialization_version: 3\n`;
}

function count(text: string): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 1e9 ? value : undefined;
}
