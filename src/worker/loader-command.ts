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
import { loadSyntheticRedis } from './redis-loader.ts';
import type { SyntheticFeatures } from './synthetic-features.ts';
import { writeSyntheticRegistry } from './synthetic-registry.ts';

const usage = `usage: plateau load-features --path FILE                                  into a SQLite file
       plateau load-features --redis redis://HOST:PORT[/DB] --folder DIR  into Redis
       [--project plateau] [--views 5] [--features 50] [--entities 2000] [--seed 1]

Writes synthetic features in Feast's layout; and beside the file, or in the folder, the registry.db that describes them and a
feature_store.yaml when there is none.
`;

const options = {
  path: { type: 'string' },
  redis: { type: 'string' },
  folder: { type: 'string' },
  project: { type: 'string', default: 'plateau' },
  views: { type: 'string', default: '5' },
  features: { type: 'string', default: '50' },
  entities: { type: 'string', default: '2000' },
  seed: { type: 'string', default: '1' },
} as const;

/** Where the features go, and the folder of the feature_store.yaml. */
type Target = { readonly kind: 'sqlite'; readonly path: string; readonly folder: string } | { readonly kind: 'redis'; readonly url: URL; readonly folder: string };

interface Wish {
  readonly target: Target;
  readonly wanted: SyntheticFeatures;
}

/**
 * Runs the command.
 * @returns the exit code: 0, 1 when the store cannot be written, 2 for a wrong command line
 */
export async function runLoadFeatures(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  const wish = readArguments(argv);
  if (typeof wish === 'string') {
    process.stderr.write(`${wish}\n${usage}`);
    return 2;
  }
  const { target, wanted } = wish;
  const name = target.kind === 'sqlite' ? target.path : target.url.host;
  try {
    mkdirSync(target.folder, { recursive: true });
    writeSyntheticRegistry(registryOf(target), wanted);
    if (target.kind === 'sqlite') loadSyntheticFeatures(target.path, wanted);
    else await loadSyntheticRedis(target.url.href, wanted);
    process.stdout.write(`${wanted.features} features of ${wanted.entities} entities in ${name}\n${adviseServing(target, wanted.project)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`plateau load-features: ${name} cannot be written: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function registryOf({ folder }: Target): string {
  return join(folder, 'registry.db');
}

/** The wish, or a sentence that says what is wrong with the command line. */
function readArguments(argv: readonly string[]): Wish | string {
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const target = readTarget(values);
  if (typeof target === 'string') return target;
  if (!/^\w+$/.test(values.project)) return '--project must be made of letters, digits and underscores';
  const numbers = { views: count(values.views), features: count(values.features), entities: count(values.entities), seed: count(values.seed) };
  const wrong = Object.entries(numbers).filter(([, value]) => value === undefined).map(([name]) => `--${name}`);
  if (wrong.length > 0) return `${wrong.join(', ')} must be a whole number of at least 1`;
  const { views = 1, features = 1, entities = 1, seed = 1 } = numbers;
  return { target, wanted: { project: values.project, views, features, entities, seed } };
}

function readTarget({ path, redis, folder }: { path?: string | undefined; redis?: string | undefined; folder?: string | undefined }): Target | string {
  if ((path === undefined) === (redis === undefined)) return 'one of --path and --redis is needed';
  if (path !== undefined) return folder === undefined ? { kind: 'sqlite', path: resolve(path), folder: dirname(resolve(path)) } : '--folder goes with --redis; a file has its own folder';
  if (folder === undefined) return '--folder is missing: it gets the feature_store.yaml';
  const url = URL.parse(redis ?? '');
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return '--redis must be redis://HOST:PORT or rediss://HOST:PORT';
  return { kind: 'redis', url, folder: resolve(folder) };
}

/** Writes the feature_store.yaml when there is none; one that serves something else is left alone, and said. */
function adviseServing(target: Target, project: string): string {
  const yaml = join(target.folder, 'feature_store.yaml');
  if (!existsSync(yaml)) writeFileSync(yaml, featureStoreYaml(target, project), { mode: 0o600 });
  if (serves(yaml, target, project)) return `serve them with: plateau worker --feature-store ${yaml}`;
  return `${yaml} is about another store and was left alone; serve these features with a file that holds:\n${featureStoreYaml(target, project)}`;
}

function serves(yaml: string, target: Target, wanted: string): boolean {
  try {
    const { project, store, registry } = readFeatureStore(yaml);
    if (project !== wanted || registry.path !== registryOf(target)) return false;
    if (store.type === 'sqlite') return target.kind === 'sqlite' && store.path === target.path;
    const [node] = store.nodes;
    return target.kind === 'redis' && node?.host === target.url.hostname && node.port === portOf(target.url);
  } catch {
    return false; // not for this server
  }
}

function featureStoreYaml(target: Target, project: string): string {
  const store = target.kind === 'sqlite' ? `type: sqlite\n  path: ${JSON.stringify(target.path)}` : `type: redis\n  connection_string: ${JSON.stringify(connectionString(target.url))}`;
  return `project: ${project}\nprovider: local\nregistry: registry.db\nonline_store:\n  ${store}\nentity_key_serialization_version: 3\n`;
}

/** As Feast wants it. */
function connectionString(url: URL): string {
  const db = url.pathname.slice(1);
  const parameters = {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    db: db === '0' ? '' : db,
    ssl: url.protocol === 'rediss:' ? 'true' : '',
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== '').map(([name, value]) => `${name}=${value}`);
  return [`${url.hostname}:${portOf(url)}`, ...given].join(',');
}

function portOf(url: URL): number {
  return url.port === '' ? 6379 : Number(url.port);
}

function count(text: string): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= 1e9 ? value : undefined;
}
