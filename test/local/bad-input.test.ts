import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startLocal } from './support/local-command.ts';

describe('plateau local with bad input', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plateau-bad-input-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each([
    ['an unknown flag', () => ['--reprot', 'x'], 2, 'did you mean --report?'],
    ['an unwritable report', () => ['--report', join(folder, 'none', 'r.json')], 1, 'create it'],
    ['a missing trace', () => ['--trace', join(folder, 'none.csv')], 1, 'there is no such file'],
    ['a bad trace', () => ['--trace', file('t.csv', 'seconds,requests_per_second\n0,x\n')], 1, 't.csv:2'],
    ['a missing manifest', () => ['--manifest', folder], 1, 'it is a folder'],
    ['a malformed manifest', () => ['--manifest', file('m.yaml', 'kind: [')], 1, 'm.yaml:1:'],
  ])('says of %s what is wrong, in one sentence and at once', async (_, args, code, part) => {
    const run = startLocal([...args(), '--duration', '5s']);
    await expect(run.ended).resolves.toBe(code);
    expect(run.output()).toContain(part);
    expect(run.output().trim().split('\n')).toHaveLength(1);
  }, 30_000);

  it('says that its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const run = startLocal(['--port', String(port), '--duration', '5s']);
    await expect(run.ended).resolves.toBe(1);
    expect(run.output()).toContain(`port ${port} of 127.0.0.1 is taken`);
    server.close();
  }, 30_000);

  it('names file, line and field of a FeatureServer that the API server refuses', async () => {
    const manifest = file('fleet.yaml', 'apiVersion: plateau.dev/v1alpha1\nkind: FeatureServer\nmetadata:\n  name: ranking\nspec:\n  objective:\n    p95: 30ms\n  server:\n    custom:\n      image: a\n  pool:\n    threads:\n      min: 9\n      max: 3\n');
    const run = startLocal(['--manifest', manifest, '--duration', '5s']);
    await expect(run.ended).resolves.toBe(1);
    expect(run.output()).toMatch(/fleet\.yaml:1[1234]: FeatureServer ranking is refused: .*threads/u);
  }, 60_000);

  it('says why no request could be sent when a pod cannot run', async () => {
    const manifest = file('fleet.yaml', 'apiVersion: plateau.dev/v1alpha1\nkind: FeatureServer\nmetadata: {name: ranking}\nspec:\n  objective: {p95: 30ms}\n  server: {custom: {image: example/none}}\n');
    const run = startLocal(['--manifest', manifest, '--duration', '8s']);
    await expect(run.ended).resolves.toBe(1);
    expect(run.output()).toContain('no request could be sent: default/ranking');
  }, 60_000);
});
