/**
 * `registry` of a `feature_store.yaml`: this server reads a registry that is one file.
 *
 * @module
 */
import { resolve } from 'node:path';
import { missingVariables } from './environment.ts';
import { isMapping, refuseUnknownKeys } from './section.ts';
import type { Findings, Mapping } from './section.ts';

export interface RegistrySource {
  /** Absolute path of the file; empty when it is none. */
  readonly path: string;
  /** Feast's `enable_online_feature_view_versioning`: tables and hash fields carry the version, and `view@v2:feature` can be asked for. */
  readonly versioned: boolean;
}

const keys = new Set([
  'registry_type', 'registry_store_type', 'path', 'cache_ttl_seconds', 'cache_mode', 's3_additional_kwargs', 'purge_feast_metadata',
  'enable_online_feature_view_versioning', 'mcp',
]);
const remedy = 'write the registry to a file (a path in `registry`), or use Feast\'s own server (server.feast)';

/**
 * Reads the section.
 *
 * @param folder of the YAML: relative paths begin there, as in Feast
 */
export const readRegistrySection = (section: unknown, folder: string, findings: Findings): RegistrySource => {
  const registry = asMapping(section);
  if (registry === undefined) {
    findings.problems.push('`registry` is neither a path nor a mapping; set it to the path of the registry file');
    return { path: '', versioned: false };
  }
  refuseUnknownKeys(registry, 'registry', keys, findings);
  const versioned = registry['enable_online_feature_view_versioning'] ?? false;
  if (typeof versioned !== 'boolean') findings.problems.push('`registry.enable_online_feature_view_versioning` must be true or false');
  return { path: readPath(registry, folder, findings), versioned: versioned === true };
};

const asMapping = (section: unknown): Mapping | undefined => {
  if (section === undefined || section === null) return { path: 'data/registry.db' };
  if (typeof section === 'string') return { path: section };
  return isMapping(section) ? section : undefined;
};

const readPath = (registry: Mapping, folder: string, { problems }: Findings): string => {
  const type = registry['registry_type'] ?? 'file';
  const store = registry['registry_store_type'] ?? 'FileRegistryStore';
  if (type !== 'file') problems.push(`\`registry.registry_type\` ${JSON.stringify(type)} is not supported; ${remedy}`);
  else if (store !== 'FileRegistryStore') problems.push(`\`registry.registry_store_type\` ${JSON.stringify(store)} is not supported; ${remedy}`);
  const path = registry['path'];
  if (type !== 'file' || store !== 'FileRegistryStore') return '';
  if (typeof path !== 'string' || path === '') {
    problems.push('`registry.path` is missing; set it to the path of the registry file');
    return '';
  }
  for (const name of missingVariables(path)) problems.push(`\`registry\` names the environment variable ${name}, which is not set; set it for this process`);
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(path) ?? [];
  if (scheme === undefined) return resolve(folder, path);
  problems.push(`\`registry\` lies behind ${scheme}://, which is not supported; ${remedy}`);
  return '';
};
