import { describe, expect, it } from '@jest/globals';
import { FeatureStoreError, parseFeatureStore, readFeatureStore } from '../../src/worker/feature-store.ts';

const problemsOf = (text: string): readonly string[] => {
  try {
    parseFeatureStore(text, '/etc/feast/feature_store.yaml');
    return [];
  } catch (error) {
    if (error instanceof FeatureStoreError) return error.problems;
    throw error;
  }
};

describe('feature_store.yaml', () => {
  it.each([
    ['a relative path is relative to its folder', 'data/online.db', '/etc/feast/data/online.db'],
    ['an absolute path stays', '/var/online.db', '/var/online.db'],
  ])('%s', (_name, path, expected) => {
    const text = `project: golden\nregistry: data/registry.db\nprovider: local\nonline_store: {type: sqlite, path: ${path}}\nentity_key_serialization_version: 3\noffline_store: {type: file}\nauth: {type: no_auth}\n`;
    expect(parseFeatureStore(text, '/etc/feast/feature_store.yaml')).toEqual({ project: 'golden', path: expected });
  });

  it.each([
    ['another store', 'project: a\nonline_store: {type: redis, connection_string: x}', /online_store\.type.*"redis".*use sqlite/],
    ['a registry behind a service', 'project: a\nonline_store: {type: sqlite, path: p}\nregistry: {registry_type: sql, path: x}', /registry_type.*"sql"/],
    ['auth', 'project: a\nonline_store: {type: sqlite, path: p}\nauth: {type: oidc}', /`auth`/],
    ['an old key version', 'project: a\nonline_store: {type: sqlite, path: p}\nentity_key_serialization_version: 2', /must be 3/],
    ['a cloud provider', 'project: a\nprovider: gcp\nonline_store: {type: sqlite, path: p}', /`provider`/],
    ['an unknown key', 'project: a\nonline_store: {type: sqlite, path: p}\nproyect: b', /`proyect` is not known/],
    ['an unknown store key', 'project: a\nonline_store: {type: sqlite, path: p, vector_enabled: true}', /online_store\.vector_enabled/],
    ['no path', 'project: a\nonline_store: {type: sqlite}', /online_store\.path/],
    ['no store', 'project: a', /`online_store` is missing/],
    ['no project', 'online_store: {type: sqlite, path: p}', /`project`/],
    ['a project that is no table prefix', 'project: "a-b"\nonline_store: {type: sqlite, path: p}', /`project`/],
    ['a list', '- a', /not a mapping/],
    ['broken YAML', 'project: [', /not YAML/],
    ['nothing', '', /not a mapping/],
    ['an alias without its anchor', 'project: *x\nonline_store: {type: sqlite, path: p}', /not YAML.*alias/],
    ['two documents', 'project: a\nonline_store: {type: sqlite, path: p}\n---\nproject: b', /several documents/],
    ['a store that is a word', 'project: a\nonline_store: sqlite', /no mapping/],
  ])('refuses %s in one sentence', (_name, text, message) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(message)]);
  });

  it('lists all problems at once', () => {
    expect(problemsOf('provider: aws\nauth: {type: oidc}\nonline_store: {type: dynamodb}\n')).toHaveLength(4);
  });

  it('names a file that cannot be read, and the flag', () => {
    expect(() => readFeatureStore('/nowhere/feature_store.yaml')).toThrow(/\/nowhere\/feature_store\.yaml.*ENOENT.*--feature-store/);
  });
});
