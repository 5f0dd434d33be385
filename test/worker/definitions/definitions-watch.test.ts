import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefinitionsWatch } from '../../../src/worker/definitions/definitions-watch.ts';
import { readGoodRegistry } from '../../../src/worker/definitions/read-registry.ts';
import type { GoodRegistry } from '../../../src/worker/definitions/read-registry.ts';
import { encodeRegistry } from '../../../src/worker/definitions/registry-writer.ts';
import { readFeatureStore } from '../../../src/worker/feature-store.ts';
import { temporaryFolder } from '../support/worker-process.ts';

const pace = { stretchMs: 5, now: () => performance.now(), pause: () => new Promise<void>((resolve) => setImmediate(resolve)) };
const registryOf = (...views: string[]): Buffer =>
  encodeRegistry(
    {
      project: 'p',
      entities: new Map([['user', { name: 'user_id', type: 4 }]]),
      views: views.map((name) => ({ name, entities: ['user'], features: [{ name: 'f', type: 4 }] })),
      services: new Map(),
    },
    1_785_585_600_000,
    views.join(),
  );
const yaml = (registry: string, store = 'online.db'): string => `project: p\nregistry: ${registry}\nonline_store: {type: sqlite, path: ${store}}\n`;

/** Permissions stop everybody but root. */
const withoutRoot = async (work: () => Promise<void>): Promise<void> => {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
};

describe('the watch over definitions', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let registry: string;
  let watch: DefinitionsWatch;
  let inForce: string[][];
  let lines: string[];

  const start = async (): Promise<void> => {
    const store = readFeatureStore(path);
    const onRegistry = ({ definitions }: GoodRegistry): void => void inForce.push([...definitions.views.keys()]);
    watch = new DefinitionsWatch({ path, store, pace, onRegistry, log: (level, message) => void lines.push(`${level}: ${message}`) });
    await watch.start(await readGoodRegistry(store.project, store.registry, pace));
  };

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'feature_store.yaml');
    registry = join(folder.path, 'registry.db');
    inForce = [];
    lines = [];
    writeFileSync(path, yaml('registry.db'));
    writeFileSync(registry, registryOf('a'));
  });
  afterEach(() => folder.remove());

  it('leaves things alone while nothing changes', async () => {
    await start();
    await watch.look();
    expect([inForce, watch.problem]).toEqual([[['a']], undefined]);
  });

  it('takes a registry that is written in place, and one that is put in its place', async () => {
    await start();
    writeFileSync(registry, registryOf('a', 'b'));
    await watch.look();
    writeFileSync(`${registry}.new`, registryOf('c'));
    renameSync(`${registry}.new`, registry);
    await watch.look();
    expect(inForce).toEqual([['a'], ['a', 'b'], ['c']]);
  });

  it('takes a ConfigMap that is replaced through its symbolic links', async () => {
    for (const [version, views] of Object.entries({ one: ['a'], two: ['a', 'b'] })) {
      mkdirSync(join(folder.path, version));
      writeFileSync(join(folder.path, version, 'registry.db'), registryOf(...views));
    }
    rmSync(registry);
    symlinkSync('one', join(folder.path, '..data'));
    symlinkSync(join('..data', 'registry.db'), registry);
    await start();
    symlinkSync('two', join(folder.path, '..data_tmp'));
    renameSync(join(folder.path, '..data_tmp'), join(folder.path, '..data'));
    await watch.look();
    expect(inForce).toEqual([['a'], ['a', 'b']]);
  });

  it('waits for a writer that takes its time', async () => {
    await start();
    const whole = registryOf('a', 'b', 'c');
    writeFileSync(registry, whole.subarray(0, 40));
    const looking = watch.look();
    for (let end = 60; end < whole.length + 20; end += 20) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      writeFileSync(registry, whole.subarray(0, end));
    }
    await looking;
    await watch.look();
    expect(inForce.at(-1)).toEqual(['a', 'b', 'c']);
    expect(watch.problem).toBeUndefined();
  });

  it.each<[string, () => void, RegExp]>([
    ['half a file', () => truncateSync(registry, 45), /no Feast registry, or only a part/],
    ['a file cut before its last field', () => writeFileSync(registry, registryOf('a').subarray(0, -8)), /lost the entry of its project/],
    ['an empty file', () => truncateSync(registry, 0), /empty or no Feast registry/],
    ['garbage', () => writeFileSync(registry, 'garbage'), /no Feast registry/],
    ['no file', () => rmSync(registry), /ENOENT/],
    ['a folder', () => (rmSync(registry), mkdirSync(registry)), /EISDIR/],
    ['what cannot be served', () => appendFileSync(registry, Buffer.from([0x1a, 1, 0x32])), /schema version is "2"/],
  ])('keeps the earlier definitions over %s, tells once, and recovers', async (_name, harm, message) => {
    await start();
    harm();
    await watch.look();
    await watch.look();
    expect(inForce).toEqual([['a']]);
    expect(watch.problem).toMatch(message);
    expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
    rmSync(registry, { recursive: true, force: true });
    writeFileSync(registry, registryOf('b'));
    await watch.look();
    expect([inForce.at(-1), watch.problem]).toEqual([['b'], undefined]);
    expect(lines.some((line) => line.includes('can be served again'))).toBe(true);
  });

  it('recovers when the very same registry comes back', async () => {
    await start();
    renameSync(registry, `${registry}.away`);
    await watch.look();
    expect(watch.problem).toMatch(/ENOENT/);
    renameSync(`${registry}.away`, registry);
    await watch.look();
    expect(watch.problem).toBeUndefined();
  });

  it('recovers when the very same feature_store.yaml comes back', async () => {
    await start();
    renameSync(path, `${path}.away`);
    await watch.look();
    expect(watch.problem).toMatch(/ENOENT/);
    renameSync(`${path}.away`, path);
    await watch.look();
    expect(watch.problem).toBeUndefined();
  });

  it.each<[string, () => string]>([
    ['feature_store.yaml', () => path],
    ['the registry', () => registry],
  ])('recovers when %s has been unreadable and is the same as before', async (_name, file) => {
    await start();
    chmodSync(folder.path, 0o755);
    writeFileSync(file(), file() === path ? `${yaml('registry.db')}\n` : registryOf('a', 'b'));
    chmodSync(file(), 0o000);
    await withoutRoot(() => watch.look());
    expect(watch.problem).toMatch(/EACCES/);
    chmodSync(file(), 0o644);
    await watch.look();
    expect(watch.problem).toBeUndefined();
  });

  it('follows feature_store.yaml to another registry', async () => {
    await start();
    writeFileSync(join(folder.path, 'other.db'), registryOf('other'));
    writeFileSync(path, yaml('other.db'));
    await watch.look();
    expect(inForce.at(-1)).toEqual(['other']);
    writeFileSync(path, yaml('nowhere.db'));
    await watch.look();
    expect(watch.problem).toMatch(/nowhere\.db.*ENOENT/);
    expect(inForce.at(-1)).toEqual(['other']);
  });

  it('says that another store needs a restart, and that a broken file is not taken, until they are mended', async () => {
    await start();
    writeFileSync(path, yaml('registry.db', 'elsewhere.db'));
    await watch.look();
    expect(watch.problem).toMatch(/takes effect with a restart/);
    writeFileSync(path, 'project: [');
    await watch.look();
    expect(watch.problem).toMatch(/no longer valid.*not YAML/);
    rmSync(path);
    await watch.look();
    expect(watch.problem).toMatch(/ENOENT/);
    writeFileSync(registry, registryOf('a', 'b'));
    await watch.look();
    expect(inForce.at(-1)).toEqual(['a', 'b']);
    writeFileSync(path, yaml('registry.db'));
    await watch.look();
    expect(watch.problem).toBeUndefined();
  });
});
