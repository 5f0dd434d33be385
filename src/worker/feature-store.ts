/**
 * The `feature_store.yaml` that Feast users have, as far as this server can honour it. What it cannot is refused, never ignored.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { expandVariables, missingVariables } from './feature-store/environment.ts';
import { readOnlineStore } from './feature-store/online-store-section.ts';
import { readRegistrySection } from './feature-store/registry-section.ts';
import type { RegistrySource } from './feature-store/registry-section.ts';
import { isMapping } from './feature-store/section.ts';
import type { Findings, Mapping } from './feature-store/section.ts';
import type { StoreConfig } from './store/store-config.ts';

/** What the server needs to know of a feature store. */
export interface FeatureStore {
  readonly project: string;
  readonly store: StoreConfig;
  readonly registry: RegistrySource;
  /** Sentences about what is left without effect. */
  readonly notes: readonly string[];
}

/** All that is wrong with a file, one sentence a line. */
export class FeatureStoreError extends Error {
  override readonly name = 'FeatureStoreError';
  readonly problems: readonly string[];
  /** What of the file is in order enough to look further; undefined when that cannot be told. */
  readonly rest: Pick<FeatureStore, 'project' | 'registry'> | undefined;

  constructor(file: string, problems: readonly string[], rest?: Pick<FeatureStore, 'project' | 'registry'>) {
    super(problems.map((problem) => `${file}: ${problem}`).join('\n'));
    this.problems = problems;
    this.rest = rest;
  }
}

/** Keys of Feast that say nothing about how features are read. */
const ignored = new Set([
  'project_description', 'offline_store', 'batch_engine', 'batch_engine_config', 'flags', 'tags', 'description', 'materialization', 'materialization_config', 'repo_path',
  'coerce_tz_aware', 'embedding_model', 'openlineage', 'mlflow', 'data_quality_monitoring',
]);
const known = new Set(['project', 'provider', 'registry', 'online_store', 'entity_key_serialization_version', 'auth', 'feature_server', ...ignored]);
/** Feast serves features of all of these in the same way. */
const providers = new Set(['local', 'gcp', 'aws', 'azure']);

/**
 * Reads and checks a file.
 *
 * @param file path of the YAML; relative paths in it are relative to its folder, as in Feast
 * @throws FeatureStoreError that lists every problem, each with the key and the remedy
 */
export function readFeatureStore(file: string, env: NodeJS.ProcessEnv = process.env): FeatureStore {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FeatureStoreError(file, [`cannot be read (${reason(error)}); pass the path of an existing file with --feature-store`]);
  }
  return parseFeatureStore(text, file, env);
}

/** As `readFeatureStore`, from text. */
export function parseFeatureStore(text: string, file: string, env: NodeJS.ProcessEnv = process.env): FeatureStore {
  const content = parseYaml(expandVariables(text, env), file);
  if (!isMapping(content)) throw new FeatureStoreError(file, ['is not a mapping; it needs `project`, `registry` and `online_store`']);
  const findings: Findings = { problems: [], notes: [] };
  const folder = dirname(file);
  const store = readOnlineStore(content['online_store'], folder, findings);
  const registry = readRegistrySection(content['registry'], folder, findings);
  checkTop(content, store?.type ?? 'redis', findings);
  const project = content['project'];
  if (typeof project !== 'string') throw new FeatureStoreError(file, findings.problems);
  if (findings.problems.length > 0 || store === undefined) throw new FeatureStoreError(file, findings.problems, registry.path === '' ? undefined : { project, registry });
  return { project, store, registry, notes: findings.notes };
}

/** Messages of the parser quote the text, which may hold secrets: they are told by place and kind alone. */
function parseYaml(text: string, file: string): unknown {
  const [document, ...more] = parseAllDocuments(text, { prettyErrors: true });
  if (document === undefined) return undefined;
  if (more.length > 0) throw new FeatureStoreError(file, ['holds several documents; remove all but one']);
  const broken = document.errors.map(({ code, linePos }) => `is not YAML: line ${linePos?.[0].line ?? '?'}, column ${linePos?.[0].col ?? '?'} (${code})`);
  if (broken.length > 0) throw new FeatureStoreError(file, broken);
  try {
    return document.toJS();
  } catch {
    throw new FeatureStoreError(file, ['is not YAML: an alias (*name) stands before its anchor (&name), or there is none; quote a text that begins with an asterisk']);
  }
}

function checkTop(content: Mapping, storeType: StoreConfig['type'], { problems, notes }: Findings): void {
  problems.push(...checkProject(content['project'], storeType), ...checkAuth(content['auth'] ?? 'no_auth'), ...checkProvider(content['provider'] ?? 'local'));
  const version = content['entity_key_serialization_version'] ?? 3;
  if (version !== 3) problems.push('`entity_key_serialization_version` must be 3; set it to 3 and materialize again');
  if (content['feature_server'] !== undefined) notes.push('`feature_server` is about Feast\'s own server and has no effect here');
  for (const key of Object.keys(content)) {
    if (!known.has(key)) notes.push(`\`${key}\` is not known and has no effect`);
  }
}

function checkAuth(auth: unknown): string[] {
  if (auth === 'no_auth' || (isMapping(auth) && auth['type'] === 'no_auth')) return [];
  return ['`auth` is not supported by the built-in server; remove it and restrict callers with a NetworkPolicy or a proxy'];
}

function checkProvider(provider: unknown): string[] {
  if (typeof provider === 'string' && providers.has(provider)) return [];
  return [`\`provider\` ${JSON.stringify(provider)} brings code of its own, which this server does not run; set it to local, gcp, aws or azure, or remove it`];
}

/** Feast's rule for names; with SQLite they are part of the names of tables. */
function checkProject(project: unknown, storeType: StoreConfig['type']): string[] {
  if (typeof project !== 'string' || project === '') return ['`project` is missing or no text; set it to the name the features were materialized under'];
  const unset = missingVariables(project);
  if (unset.length > 0) return [`\`project\` names the environment variable ${unset.join(', ')}, which is not set; set it for this process`];
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(project)) return ['`project` must be made of letters, digits, underscores and hyphens, and begin with a letter or digit; correct it'];
  if (storeType === 'sqlite' && project.includes('-')) return ['`project` must have no hyphen with SQLite, where it is part of the names of tables; rename it'];
  return [];
}

function reason(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
