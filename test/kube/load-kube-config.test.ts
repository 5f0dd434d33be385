import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { loadKubeConfig } from '../../src/kube/load-kube-config.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(directory, { recursive: true }));

const config = (more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'one', cluster: { server: 'https://one.test:6443' } }, { name: 'two', cluster: { server: 'https://two.test' } }],
  users: [{ name: 'me', user: { token: 'secret' } }],
  contexts: [
    { name: 'first', context: { cluster: 'one', user: 'me', namespace: 'team' } },
    { name: 'second', context: { cluster: 'two', user: 'me' } },
  ],
  'current-context': 'first',
  ...more,
});

const file = async (name: string, content: string | object): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, typeof content === 'string' ? content : stringify(content));
  return path;
};

describe('loadKubeConfig', () => {
  it('reads server, namespace and credentials of the current or the chosen context', async () => {
    const path = await file('config', config());
    const connection = loadKubeConfig({ path });
    expect(connection).toMatchObject({ server: 'https://one.test:6443', namespace: 'team', source: `kubeconfig ${path}` });
    await expect(connection.authenticate()).resolves.toEqual({ tls: {}, headers: { authorization: 'Bearer secret' } });
    expect(loadKubeConfig({ path, context: 'second' })).toMatchObject({ server: 'https://two.test', namespace: undefined });
  });

  it('merges the files of KUBECONFIG as kubectl does: the first one counts', async () => {
    const first = await file('a', config());
    const second = await file('b', config({ clusters: [{ name: 'one', cluster: { server: 'https://other.test' } }, { name: 'three', cluster: { server: 'https://three.test' } }], contexts: [{ name: 'third', context: { cluster: 'three', user: 'me' } }], 'current-context': 'third' }));
    const env = { KUBECONFIG: [first, second].join(delimiter) };
    expect(loadKubeConfig({ env }).server).toBe('https://one.test:6443');
    expect(loadKubeConfig({ env, context: 'third' }).server).toBe('https://three.test');
  });

  it('falls back to ~/.kube/config', async () => {
    await mkdir(join(directory, '.kube'));
    await file('.kube/config', config());
    expect(loadKubeConfig({ env: { HOME: directory } }).server).toBe('https://one.test:6443');
  });

  it('uses the service account of the Pod it runs in, unless KUBECONFIG says otherwise', async () => {
    await file('ca.crt', 'CA');
    await file('token', 'pod-token\n');
    await file('namespace', 'plateau-system\n');
    const pod = { serviceAccountDir: directory, env: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443', HOME: '/nowhere' } };
    const connection = loadKubeConfig(pod);
    expect(connection).toMatchObject({ server: 'https://[fd00::1]:6443', namespace: 'plateau-system' });
    await expect(connection.authenticate()).resolves.toEqual({ tls: { ca: Buffer.from('CA') }, headers: { authorization: 'Bearer pod-token' } });
    const named = await file('config', config());
    expect(loadKubeConfig({ ...pod, env: { ...pod.env, KUBECONFIG: named } }).server).toBe('https://one.test:6443');
  });

  it('reads files beside the kubeconfig, and a token file again when asked again', async () => {
    await file('ca.crt', 'CA');
    await file('token', 'one\n');
    const path = await file('config', config({
      clusters: [{ name: 'one', cluster: { server: 'https://one.test', 'certificate-authority': 'ca.crt', 'tls-server-name': 'inner' } }],
      users: [{ name: 'me', user: { tokenFile: 'token' } }],
      contexts: [{ name: 'first', context: { cluster: 'one', user: 'me' } }],
    }));
    await expect(loadKubeConfig({ path }).authenticate()).resolves.toEqual({ tls: { ca: Buffer.from('CA'), servername: 'inner' }, headers: { authorization: 'Bearer one' } });
    await file('token', 'two\n');
    await expect(loadKubeConfig({ path }).authenticate()).resolves.toMatchObject({ headers: { authorization: 'Bearer two' } });
  });

  it('runs the helper of an exec user', async () => {
    const credential = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'from-helper' } });
    const path = await file('config', config({ users: [{ name: 'me', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', `console.log(${JSON.stringify(credential)})`] } } }] }));
    await expect(loadKubeConfig({ path }).authenticate()).resolves.toMatchObject({ headers: { authorization: 'Bearer from-helper' } });
  });

  it.each([
    { what: 'not YAML', content: 'clusters: [\n', says: 'not YAML' },
    { what: 'empty', content: '', says: 'the file: ' },
    { what: 'without a server', content: config({ clusters: [{ name: 'one', cluster: {} }] }), says: 'clusters.0.cluster.server' },
    { what: 'with a server that is no URL', content: config({ clusters: [{ name: 'one', cluster: { server: 'one.test:6443' } }] }), says: 'clusters.0.cluster.server' },
    { what: 'without contexts', content: config({ contexts: [] }), says: 'contexts' },
    { what: 'without current-context', content: config({ 'current-context': '' }), says: 'choose one of "first", "second" with --context' },
    { what: 'with a current-context that is not there', content: config({ 'current-context': 'gone' }), says: 'there is no context "gone"; it has "first", "second"' },
    { what: 'with a cluster that is not there', content: config({ contexts: [{ name: 'first', context: { cluster: 'gone', user: 'me' } }] }), says: 'names cluster "gone", which is not there' },
    { what: 'with a user that is not there', content: config({ contexts: [{ name: 'first', context: { cluster: 'one', user: 'gone' } }] }), says: 'names user "gone", which is not there' },
  ])('says in one sentence what is wrong with a kubeconfig $what', async ({ content, says }) => {
    const path = await file('config', content);
    expect(() => loadKubeConfig({ path })).toThrow(expect.objectContaining({ name: 'KubeConfigError', message: expect.stringMatching(new RegExp(`^kubeconfig ${path}[^\n]*$`)) }));
    expect(() => loadKubeConfig({ path })).toThrow(says);
  });

  it('names a file that is not there, and what to do when there is none at all', () => {
    expect(() => loadKubeConfig({ path: '/nowhere/config' })).toThrow(/^kubeconfig \/nowhere\/config cannot be read \(ENOENT.*name another with --kubeconfig FILE/);
    expect(() => loadKubeConfig({ env: { HOME: directory } })).toThrow(/no cluster to talk to.*--kubeconfig FILE/);
  });

  it('names the file when credentials cannot be read later on', async () => {
    const path = await file('config', config({ users: [{ name: 'me', user: { tokenFile: 'missing' } }] }));
    await expect(loadKubeConfig({ path }).authenticate()).rejects.toThrow(`kubeconfig ${path}: credentials cannot be read: ENOENT`);
  });
});
