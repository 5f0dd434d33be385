import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, property } from 'fast-check';
import { FeatureStoreError, parseFeatureStore, readFeatureStore } from '../../src/worker/feature-store.ts';

const file = '/etc/feast/feature_store.yaml';
const parse = (text: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof parseFeatureStore> => parseFeatureStore(text, file, env);
const problemsOf = (text: string, env: NodeJS.ProcessEnv = {}): readonly string[] => {
  try {
    parse(text, env);
    return [];
  } catch (error) {
    if (error instanceof FeatureStoreError) return error.problems;
    throw error;
  }
};
const redis = (connection: string, more = ''): string => `project: a\nregistry: r.db\nonline_store: {type: redis, connection_string: ${JSON.stringify(connection)}${more}}`;

describe('feature_store.yaml', () => {
  it.each([
    ['a relative path is relative to its folder', 'data/online.db', '/etc/feast/data/online.db'],
    ['an absolute path stays', '/var/online.db', '/var/online.db'],
  ])('%s', (_name, path, expected) => {
    const text = `project: golden\nregistry: data/registry.db\nprovider: local\nonline_store: {type: sqlite, path: ${path}}\nentity_key_serialization_version: 3\noffline_store: {type: file}\nauth: {type: no_auth}\n`;
    expect(parse(text)).toEqual({ project: 'golden', store: { type: 'sqlite', path: expected }, registry: { path: '/etc/feast/data/registry.db', versioned: false }, notes: [] });
  });

  it('has the defaults of Feast', () => {
    expect(parse('project: a')).toMatchObject({ store: { type: 'sqlite', path: '/etc/feast/data/online.db' }, registry: { path: '/etc/feast/data/registry.db', versioned: false } });
    expect(parse('project: a\nonline_store: redis')).toMatchObject({ store: { type: 'redis', topology: 'single', nodes: [{ host: 'localhost', port: 6379 }], db: 0 } });
  });

  it('takes the registry as a mapping', () => {
    const registry = 'registry: {registry_type: file, path: /r/registry.db, cache_ttl_seconds: 60, cache_mode: thread, enable_online_feature_view_versioning: true}';
    expect(parse(`project: a\n${registry}`).registry).toEqual({ path: '/r/registry.db', versioned: true });
  });

  it('tells what has no effect', () => {
    const { notes } = parse('project: a\nproyect: b\nfeature_server: {type: local}');
    expect(notes).toEqual([expect.stringContaining('`feature_server`'), expect.stringContaining('`proyect` is not known')]);
  });

  it.each([
    ['another store', 'project: a\nonline_store: {type: postgres, host: x}', /online_store\.type.*"postgres".*use redis or sqlite/],
    ['no store', 'project: a\nonline_store: null', /no online store/],
    ['a store that says none', 'project: a\nonline_store: None', /no online store/],
    ['a SQL registry', 'project: a\nregistry: {registry_type: sql, path: x}', /registry_type.*"sql".*write the registry to a file/],
    ['a remote registry', 'project: a\nregistry: {registry_type: remote, path: "localhost:6570"}', /registry_type.*"remote"/],
    ['a registry in S3', 'project: a\nregistry: s3://bucket/registry.db', /s3:\/\//],
    ['a registry in Google Cloud', 'project: a\nregistry: {path: "gs://bucket/registry.db"}', /gs:\/\//],
    ['a registry store of another kind', 'project: a\nregistry: {path: r, registry_store_type: S3RegistryStore}', /registry_store_type.*S3RegistryStore/],
    ['a registry without a path', 'project: a\nregistry: {cache_ttl_seconds: 1}', /registry\.path/],
    ['a registry that is a number', 'project: a\nregistry: 5', /`registry` is neither/],
    ['an unknown registry key', 'project: a\nregistry: {path: r, cash_ttl: 1}', /registry\.cash_ttl/],
    ['auth', 'project: a\nauth: {type: oidc}', /`auth`/],
    ['an old key version', 'project: a\nentity_key_serialization_version: 2', /must be 3/],
    ['a provider with code of its own', 'project: a\nprovider: my.Provider', /`provider`/],
    ['an unknown store key', 'project: a\nonline_store: {type: sqlite, pfad: p}', /online_store\.pfad/],
    ['no project', 'online_store: {type: sqlite, path: p}', /`project`/],
    ['a project that is no table prefix', 'project: "a-b"\nonline_store: {type: sqlite, path: p}', /`project`.*hyphen/],
    ['a project that begins with an underscore', 'project: _a\nonline_store: {type: redis}', /`project`/],
    ['a list', '- a', /not a mapping/],
    ['broken YAML', 'project: [', /not YAML: line/],
    ['nothing', '', /not a mapping/],
    ['an alias without its anchor', 'project: *x', /not YAML.*alias/],
    ['two documents', 'project: a\n---\nproject: b', /several documents/],
    ['a store that is a list', 'project: a\nonline_store: [sqlite]', /no online store/],
    ['a variable that is not set', 'project: a\nonline_store: {type: redis, connection_string: "${REDIS_ADDRESS}"}', /REDIS_ADDRESS, which is not set/],
  ])('refuses %s in one sentence', (_name, text, message) => {
    const problems = problemsOf(text);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).not.toContain('\n');
  });

  it('tells all problems at once', () => {
    const problems = problemsOf('project: 5\nauth: {type: oidc}\nregistry: gs://b/r\nonline_store: {type: dynamodb}\nentity_key_serialization_version: 1');
    expect(problems).toHaveLength(5);
  });

  it('tells a missing file with the path', () => {
    expect(() => readFeatureStore('/nowhere/feature_store.yaml')).toThrow(/\/nowhere\/feature_store\.yaml: cannot be read \(ENOENT\)/);
  });
});

describe('environment variables', () => {
  it.each([
    ['${NAME}', 'value'],
    ['$NAME', 'value'],
    ['$NAME.x', 'value.x'],
    ['$OTHER', '$OTHER'],
    ['$$', '$$'],
    ['${NESTED}', '$NAME'],
  ])('fills in %s as Feast does', (text, expected) => {
    const { store } = parse(`project: a\nonline_store: {path: '/${text}'}`, { NAME: 'value', NESTED: '$NAME' });
    expect(store).toEqual({ type: 'sqlite', path: `/${expected}` });
  });
});

describe('the connection string of Redis', () => {
  it.each([
    ['one server', 'redis:6379', '', { topology: 'single', nodes: [{ host: 'redis', port: 6379 }], db: 0, tls: undefined, password: undefined }],
    ['parameters', 'r:1,db=3,username=u,password=p', '', { db: 3, username: 'u', password: 'p' }],
    ['a password with equals signs', 'r:1,password=a=b==', '', { password: 'a=b==' }],
    ['a password that is a number', 'r:1,password=0123', '', { password: '0123' }],
    ['a password in JSON quotes', 'r:1,password="a b"', '', { password: 'a b' }],
    ['a long number', 'r:1,password=12345678901234567890', '', { password: '12345678901234567890' }],
    ['TLS', 'r:1,ssl=true,ssl_ca_certs=ca.pem', '', { tls: { verify: true, checkHostname: true, caFile: '/etc/feast/ca.pem', certFile: undefined, keyFile: undefined } }],
    ['TLS that trusts anyone', 'r:1,ssl=True,ssl_cert_reqs=none', '', { tls: { verify: false, checkHostname: false } }],
    ['TLS switched off', 'r:1,ssl=false,ssl_ca_certs=x', '', { tls: undefined }],
    ['two servers without a cluster: the first', 'a:1,b:2', '', { nodes: [{ host: 'a', port: 1 }] }],
    ['a cluster', 'a:1,b:2,skip_full_coverage_check=true', ', redis_type: redis_cluster', { topology: 'cluster', nodes: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }] }],
    ['sentinels', 'a:1,b:2', ', redis_type: redis_sentinel, sentinel_master: m', { topology: 'sentinel', sentinelMaster: 'm' }],
    ['what only concerns writing', 'a:1', ', key_ttl_seconds: 60, full_scan_for_deletion: false, skip_dedup: true', { topology: 'single' }],
  ])('reads %s', (_name, connection, more, expected) => {
    expect(parse(redis(connection, more)).store).toMatchObject({ type: 'redis', ...expected });
  });

  it.each([
    ['a URL', 'redis://:geheim@r:1', '', /URL/],
    ['no address', 'password=geheim', '', /host:port/],
    ['an address without a port', 'r', '', /host with its port/],
    ['a port that is none', 'r:70000', '', /host:port/],
    ['a comma in the password', 'r:1,password=ge,heim', '', /comma/],
    ['a database that is a word', 'r:1,db=geheim', '', /`db`/],
    ['an unclear switch', 'r:1,ssl=geheim', '', /`ssl`/],
    ['a requirement that is none', 'r:1,ssl=true,ssl_cert_reqs=geheim', '', /ssl_cert_reqs/],
    ['what this server cannot do', 'r:1,ssl_ciphers=geheim', '', /ssl_ciphers/],
    ['half a password that looks like a parameter', 'r:1,password=a,Geheim9=x', '', /…/],
    ['a database of a cluster', 'r:1,db=2', ', redis_type: redis_cluster', /one database/],
    ['a topology that is none', 'r:1', ', redis_type: redis_farm', /redis_type/],
  ])('refuses %s, and shows no secret', (_name, connection, more, message) => {
    const problems = problemsOf(redis(connection, more));
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems.join().toLowerCase()).not.toContain('geheim');
  });

  it('shows no secret whatever the text, and never throws anything else', () => {
    const piece = constantFrom('r:1', ',', '=', 'ssl=true', 'password=', 'Geh#eim!', ':', 'db=', '"', "'", '\n', '${X}', '*', '&', '{');
    assert(
      property(array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(problemsOf(redis(text)).join()).not.toContain('Geh#eim!');
        expect(problemsOf(`project: a\nonline_store: {type: redis, connection_string: ${text}}`).join()).not.toContain('Geh#eim!');
      }),
    );
  });
});
