/**
 * `plateau load-features`: a synthetic online store, and the `feature_store.yaml` that serves it.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSyntheticFeatures } from './loader.ts';

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
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Runs the command.
 * @returns the exit code: 0, or 2 for a wrong command line
 */
export async function runLoadFeatures(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const numbers = { views: count(values.views), features: count(values.features), entities: count(values.entities), seed: count(values.seed) };
  const wrong = Object.entries(numbers).filter(([, value]) => value === undefined).map(([name]) => `--${name}`);
  if (values.path === undefined || wrong.length > 0 || !/^\w+$/.test(values.project)) {
    process.stderr.write(`${wrong.length > 0 ? `${wrong.join(', ')} must be a whole number of at least 1\n` : ''}${usage}`);
    return 2;
  }
  const { views = 1, features = 1, entities = 1, seed = 1 } = numbers;
  const path = resolve(values.path);
  mkdirSync(dirname(path), { recursive: true });
  loadSyntheticFeatures({ path, project: values.project, views, features, entities, seed });
  const yaml = join(dirname(path), 'feature_store.yaml');
  if (!existsSync(yaml)) writeFileSync(yaml, featureStoreYaml(values.project, path));
  process.stdout.write(`${features} features of ${entities} entities in ${path}\nserve them with: plateau worker --feature-store ${yaml}\n`);
  return 0;
}

function featureStoreYaml(project: string, path: string): string {
  return `project: ${project}\nprovider: local\nonline_store:\n  type: sqlite\n  path: ${JSON.stringify(path)}\nentity_key_serialization_version: 3\n`;
}

function count(text: string): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 1e9 ? value : undefined;
}

if (import.meta.main) process.exitCode = await runLoadFeatures(process.argv.slice(2));
