/**
 * The `feature_store.yaml` that Feast users have, as far as this server can honour it. What it cannot is refused, never ignored.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** What the server needs to know of a feature store. */
export interface FeatureStore {
  project: string;
  /** Absolute path of the SQLite file. */
  path: string;
}

/** All that is wrong with a file, one sentence a line. */
export class FeatureStoreError extends Error {
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    super(problems.map((problem) => `${file}: ${problem}`).join('\n'));
    this.problems = problems;
  }
}

/** Keys that say nothing about how features are read: harmless. */
const ignored = new Set(['offline_store', 'batch_engine', 'feature_server', 'flags', 'tags', 'description', 'materialization']);
const known = new Set(['project', 'provider', 'registry', 'online_store', 'entity_key_serialization_version', 'auth', ...ignored]);

/**
 * Reads and checks a file.
 * @param file path of the YAML; a relative store path is relative to its folder, as in Feast
 * @throws FeatureStoreError that lists every problem, each with the key and the remedy
 */
export function readFeatureStore(file: string): FeatureStore {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FeatureStoreError(file, [`cannot be read (${reason(error)}); pass the path of an existing file with --feature-store`]);
  }
  return parseFeatureStore(text, file);
}

/** As `readFeatureStore`, from text. */
export function parseFeatureStore(text: string, file: string): FeatureStore {
  const content = parseYaml(text, file);
  if (!isRecord(content)) throw new FeatureStoreError(file, ['is not a mapping; it needs `project` and `online_store: {type: sqlite, path: …}`']);
  const problems = [...checkTop(content), ...checkStore(content['online_store'])];
  if (problems.length > 0) throw new FeatureStoreError(file, problems);
  const store = content['online_store'];
  const path = isRecord(store) ? String(store['path']) : '';
  return { project: String(content['project']), path: resolve(dirname(file), path) };
}

function parseYaml(text: string, file: string): unknown {
  const [document, ...more] = parseAllDocuments(text);
  if (document === undefined) return undefined;
  if (more.length > 0) throw new FeatureStoreError(file, ['holds several documents; remove all but one']);
  const broken = document.errors.map((error) => `is not YAML: ${error.message.split(/:?\n/, 1)[0]}`);
  if (broken.length > 0) throw new FeatureStoreError(file, broken);
  try {
    return document.toJS();
  } catch (error) {
    throw new FeatureStoreError(file, [`is not YAML: ${error instanceof Error ? error.message : String(error)}`]); // an alias without its anchor
  }
}

function checkTop(content: Record<string, unknown>): string[] {
  const problems: string[] = [];
  const project = content['project'];
  if (typeof project !== 'string' || !/^[A-Za-z0-9_]+$/.test(project)) {
    problems.push('`project` is missing or not made of letters, digits and underscores; set it to the name the features were materialized under');
  }
  const version = content['entity_key_serialization_version'] ?? 3;
  if (version !== 3) problems.push('`entity_key_serialization_version` must be 3; set it to 3 and materialize again');
  const auth = content['auth'];
  if (auth !== undefined && !(isRecord(auth) && auth['type'] === 'no_auth')) {
    problems.push('`auth` is not supported by the built-in server; remove it and restrict callers with a NetworkPolicy or a proxy');
  }
  if (content['provider'] !== undefined && content['provider'] !== 'local') {
    problems.push('`provider` must be `local` or absent; remove it');
  }
  problems.push(...checkRegistry(content['registry']));
  for (const key of Object.keys(content)) {
    if (!known.has(key)) problems.push(`\`${key}\` is not known; remove it or correct its spelling`);
  }
  return problems;
}

/** No registry is read, so a path is accepted and left alone; a registry that lives behind a service says more than a path. */
function checkRegistry(registry: unknown): string[] {
  if (registry === undefined || typeof registry === 'string') return [];
  const type = isRecord(registry) ? (registry['registry_type'] ?? 'file') : undefined;
  if (type === 'file') return [];
  return [`\`registry.registry_type\` ${JSON.stringify(type)} is not supported: this server reads no registry; use a file registry or remove \`registry\``];
}

function checkStore(store: unknown): string[] {
  if (!isRecord(store)) return ['`online_store` is missing or no mapping; set it to {type: sqlite, path: …}'];
  const problems: string[] = [];
  const type = store['type'] ?? 'sqlite';
  if (type !== 'sqlite') {
    return [`\`online_store.type\` ${JSON.stringify(type)} is not supported; use sqlite, or Feast's own server for other stores`];
  }
  if (typeof store['path'] !== 'string' || store['path'] === '') {
    problems.push('`online_store.path` is missing; set it to the SQLite file');
  }
  for (const key of Object.keys(store)) {
    if (key !== 'type' && key !== 'path') problems.push(`\`online_store.${key}\` is not supported; remove it`);
  }
  return problems;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
