import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { apiVersion } from '../../src/api/featureserver.ts';
import { resourceTypes } from '../../src/api/resource-types.ts';
import { explained, readArguments } from '../../src/cli/explain.ts';
import { startApiServer } from '../../src/local/apiserver/start-api-server.ts';
import type { ApiServer } from '../../src/local/apiserver/start-api-server.ts';
import { plateau } from './support/program.ts';

// Whole programs are started, also on a machine that does much else.
jest.setTimeout(60_000);

describe('plateau explain, against the embedded API server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-explain-'));
  const kubeconfig = join(folder, 'kubeconfig');
  let server: ApiServer;
  const explainBy = async (file: string, args: readonly string[]): Promise<string> => {
    const wanted = readArguments([...args, '--kubeconfig', file]);
    if (wanted === 'help') throw new Error('help was not asked for');
    return explained(wanted);
  };
  const explain = (...args: string[]): Promise<string> => explainBy(kubeconfig, args);

  beforeAll(async () => {
    server = await startApiServer();
    writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
  }, 30_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says so when the cluster knows no FeatureServers', async () => {
    await expect(explain('ranking')).rejects.toThrow('this cluster knows no FeatureServers: install the CRD');
  }, 60_000);

  describe('with the CRD and an object', () => {
    beforeAll(async () => {
      const crd: unknown = parse(readFileSync(new URL('../../crds/plateau.dev_featureservers.yaml', import.meta.url), 'utf8'));
      const type = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false };
      await server.client.create(type, Object(crd), { fieldManager: 'test' });
      const spec = { objective: { p95: '30ms' }, server: { custom: { image: 'example.org/server:1' } } };
      await server.client.create(resourceTypes.featureServer, { apiVersion, kind: 'FeatureServer', metadata: { name: 'ranking', namespace: 'default' }, spec }, { fieldManager: 'test' });
    });

    it('explains it', async () => {
      const out = await explain('fsrv/ranking', '-n', 'default');
      expect(out).toMatch(/^default\/ranking {2}mode Auto\np95 is not known/u);
      expect(out).toContain('the operator has not written a status yet');
    });

    it('explains it as JSON', async () => {
      expect(JSON.parse(await explain('ranking', '--json'))).toMatchObject({ namespace: 'default', name: 'ranking', mode: 'Auto', cause: null, decisions: [] });
    });

    it.each([
      ['a name that is nearly right', ['rankng'], /there is no FeatureServer default\/rankng; did you mean ranking\?/],
      ['a name in another namespace', ['ranking', '-n', 'kube-system'], /no FeatureServer kube-system\/ranking; there is default\/ranking: give its namespace with -n/],
      ['a name that is nowhere', ['x'], /no FeatureServer default\/x; in default there is ranking/],
    ])('helps with %s', async (_name, args, message) => {
      await expect(explain(...args)).rejects.toThrow(message);
    });
  });

  it('says what is wrong with the credentials', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, server.kubeconfig().replace(server.token, 'wrong'), { mode: 0o600 });
    await expect(explainBy(other, ['ranking'])).rejects.toThrow(/does not know you: renew the credentials in kubeconfig /);
  });

  it('says what is wrong with credentials that cannot be read, and blames no cluster', async () => {
    const other = join(folder, 'unreadable');
    writeFileSync(other, server.kubeconfig().replace(/token: .*/u, 'tokenFile: /nowhere/token'), { mode: 0o600 });
    await expect(explainBy(other, ['ranking'])).rejects.toThrow(/kubeconfig .*unreadable: .*\/nowhere\/token/);
  });

  it('says that nobody answers', async () => {
    const away = join(folder, 'away');
    writeFileSync(away, server.kubeconfig().replaceAll(server.url, 'https://127.0.0.1:1'), { mode: 0o600 });
    await expect(explainBy(away, ['ranking'])).rejects.toThrow(/the cluster at https:\/\/127\.0\.0\.1:1 does not answer/);
  });

  it.each([
    ['no name', ['explain'], 2, /name one FeatureServer/],
    ['an empty name', ['explain', 'fsrv/'], 2, /name one FeatureServer/],
    ['a name that is a step in a path', ['explain', '..'], 2, /name one FeatureServer/],
    ['a namespace that is a step in a path', ['explain', 'a', '-n', '..'], 2, /-n \.\.: that is no name of a namespace/],
    ['two names', ['explain', 'a', 'b'], 2, /name one FeatureServer/],
    ['what looks like a flag behind --', ['explain', '--', '--namspace', 'b'], 2, /name one FeatureServer/],
    ['a wrong flag', ['explain', 'a', '--namspace=x'], 2, /did you mean --namespace\?/],
    ['no such kubeconfig', ['explain', 'a', '--kubeconfig', '/nowhere'], 1, /kubeconfig \/nowhere cannot be read/],
  ])('refuses %s', (_name, args, code, message) => {
    expect(plateau(args)).toEqual({ code, out: '', err: expect.stringMatching(message) });
  }, 60_000);
});
