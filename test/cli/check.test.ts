import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registryFixture, writeGoldenStore } from '../worker/support/golden-store.ts';
import { temporaryFolder } from '../worker/support/worker-process.ts';

const program = fileURLToPath(new URL('../../src/cli/plateau.ts', import.meta.url));
const check = (args: readonly string[], env: Record<string, string> = {}): { code: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'check', ...args], { env: { ...process.env, ...env }, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
};

describe('plateau check', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let yaml: string;
  const write = (text: string): void => writeFileSync(yaml, text);

  beforeEach(() => {
    folder = temporaryFolder();
    yaml = join(folder.path, 'feature_store.yaml');
  });
  afterEach(() => folder.remove());

  it('tells what is served', () => {
    writeGoldenStore(folder.path);
    const { code, out, err } = check([yaml]);
    expect([code, err]).toEqual([0, '']);
    for (const part of [`✓ ${yaml} can be served`, 'golden', 'online.db', 'registry.db, written ', '2: driver_hourly_stats, cust_driver; 8 features', '1: driver_activity']) expect(out).toContain(part);
  });

  it('tells what is served with a reservation', () => {
    copyFileSync(registryFixture('kinds'), join(folder.path, 'registry.db'));
    write('project: kinds\nregistry: registry.db\nonline_store: {type: redis, connection_string: "${ADDRESS},password=geheim"}\nfeature_server: {type: local}\n');
    const { code, out } = check([yaml], { ADDRESS: 'cache:6380' });
    expect(code).toBe(0);
    expect(out).toContain('redis://cache:6380');
    expect(out).toMatch(/! .*`feature_server` is about Feast's own server/);
    expect(out).toMatch(/! Feature view 'off' is disabled/);
    expect(out).not.toContain('geheim');
  });

  it('tells all that cannot be served, in both files, each with its remedy', () => {
    copyFileSync(registryFixture('unservable'), join(folder.path, 'registry.db'));
    write('project: unservable\nregistry: registry.db\nonline_store: {type: dynamodb}\nauth: {type: oidc}\n');
    const { code, out, err } = check([yaml]);
    expect([code, out]).toEqual([1, '']);
    expect(err.match(/^✗ /gm)).toHaveLength(4);
    for (const part of ['`online_store.type` "dynamodb"', '`auth`', 'on-demand feature view `computed`', 'feature service `vectors`', '4 problems keep']) expect(err).toContain(part);
  });

  it.each([
    ['a registry that is not there', 'project: p\nregistry: nowhere.db', /nowhere\.db: the file cannot be read \(ENOENT\)/],
    ['a registry behind a service', 'project: p\nregistry: s3://bucket/r.db', /s3:\/\/.*\nOne problem keeps/],
    ['a file that is none', ': :\n - [', /not YAML|not a mapping/],
  ])('tells %s', (_name, text, message) => {
    write(text);
    const { code, err } = check([yaml]);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });

  it.each([
    ['no file', []],
    ['two files', ['a', 'b']],
    ['an unknown flag', ['--nope']],
  ])('refuses a command line with %s', (_name, args) => {
    const { code, err } = check(args);
    expect([code, err]).toEqual([2, expect.stringContaining('usage: plateau check')]);
  });

  it('tells its usage', () => {
    expect(check(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('usage: plateau check') });
  });
});
