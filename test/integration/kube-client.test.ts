import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { KubeClient } from '../../src/kube/client.ts';
import { Reflector } from '../../src/runtime/reflector.ts';
import { Store } from '../../src/runtime/store.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { KubeObject, WatchEvent } from '../../src/runtime/ports.ts';
import { clientOf, configMaps, deployments, services } from '../kube/real-client.ts';
import { RecordingLogger } from '../runtime/support/recorders.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

const timeoutMs = 60_000;

const deployment = (namespace: string, spec: object = {}): KubeObject => ({
  metadata: { namespace, name: 'ranking' },
  spec: {
    selector: { matchLabels: { app: 'ranking' } },
    template: { metadata: { labels: { app: 'ranking' } }, spec: { containers: [{ name: 'server', image: 'example.test/server:1' }] } },
    ...spec,
  },
});

const settings = (namespace: string, data: Record<string, string>, name = 'settings'): KubeObject => ({ metadata: { namespace, name }, data });

/** Established TCP connections of this process to a port (Linux; undefined elsewhere). */
const connectionsTo = (port: number): number | undefined => {
  if (process.platform !== 'linux') return undefined;
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[2]?.endsWith(remote) === true && columns[3] === '01')
    .map((columns) => `socket:[${columns[9]}]`);
  const ours = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return inodes.filter((inode) => ours.includes(inode)).length;
};

describeControlPlane('client against a real API server', (cluster) => {
  let client: KubeClient;
  beforeAll(() => {
    ({ client } = clientOf(cluster().kubeconfigPath));
  });
  afterAll(() => client.close());

  it('creates, reads, replaces, lists and deletes', async () => {
    const namespace = await cluster().createNamespace();
    const key = { namespace, name: 'settings' };
    const created = await client.create(configMaps, settings(namespace, { a: '1' }), { fieldManager: 'test' });
    expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
    await expect(client.create(configMaps, settings(namespace, {}), { fieldManager: 'test' })).rejects.toMatchObject({ kind: 'AlreadyExists', message: expect.stringContaining(`create ConfigMap ${namespace}/settings: 409 AlreadyExists`) });
    const replaced = await client.replace(configMaps, { ...created, data: { a: '2' } }, { fieldManager: 'test' });
    await expect(client.replace(configMaps, { ...created, data: { a: '3' } }, { fieldManager: 'test' })).rejects.toMatchObject({ kind: 'Conflict' });
    await expect(client.get(configMaps, key)).resolves.toMatchObject({ data: { a: '2' } });
    const page = await client.list(configMaps, { namespace });
    expect(page.items.filter(({ metadata }) => metadata.name === 'settings')).toEqual([replaced]);
    await expect(client.delete(configMaps, key, { uid: 'another' })).rejects.toMatchObject({ kind: 'Conflict' });
    await client.delete(configMaps, key, { uid: created.metadata.uid ?? '' });
    await expect(client.get(configMaps, key)).rejects.toMatchObject({ kind: 'NotFound', status: 404 });
    await expect(client.delete(configMaps, key)).rejects.toMatchObject({ kind: 'NotFound' });
  }, timeoutMs);

  it('changes nothing in a dry run, and passes a refusal on in the words of the server', async () => {
    const namespace = await cluster().createNamespace();
    await client.create(configMaps, settings(namespace, {}), { fieldManager: 'test', dryRun: true });
    await expect(client.get(configMaps, { namespace, name: 'settings' })).rejects.toMatchObject({ kind: 'NotFound' });
    const wrong = deployment(namespace, { replicas: -1 });
    await expect(client.apply(deployments, wrong, { fieldManager: 'test' })).rejects.toMatchObject({
      kind: 'Invalid',
      message: expect.stringMatching(new RegExp(`^apply Deployment ${namespace}/ranking: 422 Invalid: .*spec.replicas`)),
    });
  }, timeoutMs);

  it('applies for two managers: a conflict names the other one, force takes the field over', async () => {
    const namespace = await cluster().createNamespace();
    await client.apply(configMaps, settings(namespace, { threads: '4' }), { fieldManager: 'alice' });
    const theirs = settings(namespace, { threads: '8' });
    await expect(client.apply(configMaps, theirs, { fieldManager: 'bob' })).rejects.toMatchObject({ kind: 'Conflict', message: expect.stringContaining('conflict with "alice"') });
    await expect(client.apply(configMaps, theirs, { fieldManager: 'bob', force: true })).resolves.toMatchObject({ data: { threads: '8' } });
    // A field that its only owner no longer sends goes away.
    await expect(client.apply(configMaps, settings(namespace, {}), { fieldManager: 'bob' })).resolves.not.toHaveProperty('data');
  }, timeoutMs);

  it('makes an apply conditional on the resourceVersion it carries', async () => {
    const namespace = await cluster().createNamespace();
    const first = await client.apply(configMaps, settings(namespace, { a: '1' }), { fieldManager: 'alice' });
    await client.apply(configMaps, settings(namespace, { b: '2' }), { fieldManager: 'bob' });
    const late: KubeObject = { metadata: { namespace, name: 'settings', resourceVersion: first.metadata.resourceVersion ?? '' }, data: { a: '9' } };
    await expect(client.apply(configMaps, late, { fieldManager: 'alice' })).rejects.toMatchObject({ kind: 'Conflict' });
  }, timeoutMs);

  it('merges lists by key: two managers own different ports of one Service', async () => {
    const namespace = await cluster().createNamespace();
    const service = (port: number, name: string): KubeObject => ({ metadata: { namespace, name: 'ranking' }, spec: { ports: [{ name, port }] } });
    await client.apply(services, service(80, 'web'), { fieldManager: 'alice' });
    const merged = await client.apply(services, service(90, 'admin'), { fieldManager: 'bob' });
    expect(merged['spec']).toMatchObject({ ports: [{ name: 'web', port: 80 }, { name: 'admin', port: 90 }] });
  }, timeoutMs);

  it('writes status and scale without touching the rest', async () => {
    const namespace = await cluster().createNamespace();
    const created = await client.apply(deployments, deployment(namespace, { replicas: 2 }), { fieldManager: 'template' });
    const status = { metadata: { namespace, name: 'ranking' }, spec: { replicas: 9 }, status: { replicas: 2, readyReplicas: 1 } };
    const withStatus = await client.apply(deployments, status, { fieldManager: 'status', subresource: 'status' });
    expect(withStatus).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 1 }, metadata: { generation: created.metadata.generation } });
    const scale: KubeObject = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { namespace, name: 'ranking', resourceVersion: withStatus.metadata.resourceVersion ?? '' }, spec: { replicas: 5 } };
    await client.replace(deployments, scale, { fieldManager: 'scaler', subresource: 'scale' });
    await expect(client.get(deployments, { namespace, name: 'ranking' })).resolves.toMatchObject({ spec: { replicas: 5 }, status: { readyReplicas: 1 } });
  }, timeoutMs);

  it('lists in pages and by selector', async () => {
    const namespace = await cluster().createNamespace();
    for (const name of ['a', 'b', 'c']) {
      await client.create(configMaps, { metadata: { namespace, name, labels: { test: 'pages' } } }, { fieldManager: 'test' });
    }
    const first = await client.list(configMaps, { namespace, labelSelector: 'test=pages', limit: 2 });
    expect([first.items.length, typeof first.continue]).toEqual([2, 'string']);
    const second = await client.list(configMaps, { namespace, labelSelector: 'test=pages', limit: 2, continue: first.continue ?? '' });
    expect([second.items.map(({ metadata }) => metadata.name), second.continue]).toEqual([['c'], undefined]);
    const one = await client.list(configMaps, { namespace, fieldSelector: 'metadata.name=b' });
    expect(one.items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([['ConfigMap', 'b']]);
  }, timeoutMs);

  it('watches: events in order, bookmarks, and an end at the time asked for', async () => {
    const namespace = await cluster().createNamespace();
    const { resourceVersion } = await client.list(configMaps, { namespace });
    const events: WatchEvent[] = [];
    const watched = (async () => {
      for await (const event of client.watch(configMaps, { namespace, resourceVersion, timeoutSeconds: 12, labelSelector: 'test=watch', signal: new AbortController().signal })) events.push(event);
    })();
    const created = await client.create(configMaps, { metadata: { namespace, name: 'a', labels: { test: 'watch' } } }, { fieldManager: 'test' });
    await client.replace(configMaps, { ...created, data: { x: '1' } }, { fieldManager: 'test' });
    await client.delete(configMaps, { namespace, name: 'a' });
    await watched;
    expect(events.filter(({ type }) => type !== 'BOOKMARK').map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    // The server sends one shortly before it ends a watch.
    expect(events.at(-1)?.type).toBe('BOOKMARK');
  }, timeoutMs);

  it('keeps a handful of connections for a hundred requests in a row and as many at once', async () => {
    const { client: fresh, metrics } = clientOf(cluster().kubeconfigPath);
    const port = Number(new URL(cluster().url).port);
    const before = connectionsTo(port);
    for (let count = 0; count < 100; count += 1) await fresh.get(configMaps, { namespace: 'kube-system', name: 'extension-apiserver-authentication' });
    const after = connectionsTo(port);
    if (before !== undefined && after !== undefined) expect(after - before).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 100 }, () => fresh.list(configMaps, { namespace: 'default' })));
    const afterBurst = connectionsTo(port);
    if (before !== undefined && afterBurst !== undefined) expect(afterBurst - before).toBeLessThanOrEqual(16);
    expect(metrics.value('rest_client_requests_total', { code: '200', method: 'GET' })).toBe(200);
    await fresh.close();
  }, timeoutMs);

  it('tells a right that is missing from everything else', async () => {
    const namespace = await cluster().createNamespace();
    const { client: limited } = clientOf(await cluster().limitedUser([{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }], namespace));
    await expect(limited.list(configMaps, { namespace })).resolves.toBeDefined();
    await expect(limited.create(configMaps, settings(namespace, {}), { fieldManager: 'test' })).rejects.toMatchObject({ kind: 'Forbidden', message: expect.stringContaining('cannot create resource "configmaps"') });
    await limited.close();
  }, timeoutMs);

  it('keeps a store right while the API server is killed and comes back', async () => {
    const namespace = await cluster().createNamespace();
    const store = new Store({ logger: new RecordingLogger() });
    const stop = new AbortController();
    const reflector = new Reflector({ client, type: configMaps, namespace, store, clock: systemClock(), random: Math.random, logger: new RecordingLogger(), tuning: { backoff: { baseMs: 100, maxMs: 500 } } });
    const seen = (name: string): Promise<void> => new Promise((resolve) => {
      const leave = store.subscribe({ onAdd: (object) => object.metadata.name === name && (queueMicrotask(() => leave()), resolve()) });
    });
    const gone = (name: string): Promise<void> => new Promise((resolve) => store.subscribe({ onDelete: (object) => object.metadata.name === name && resolve() }));
    const ended = reflector.run(stop.signal);
    await reflector.synced;
    await client.create(configMaps, settings(namespace, {}, 'before'), { fieldManager: 'test' });
    await seen('before');
    await cluster().stopApiServer('SIGKILL');
    await expect(client.get(configMaps, { namespace, name: 'before' })).rejects.toMatchObject({ kind: 'Network' });
    await cluster().startApiServer();
    await client.create(configMaps, settings(namespace, {}, 'after'), { fieldManager: 'test' });
    await seen('after');
    const deleted = gone('before');
    await client.delete(configMaps, { namespace, name: 'before' });
    await deleted;
    stop.abort();
    await ended;
  }, 120_000);

  it('reports a watch from a version that a restarted server no longer knows as Gone', async () => {
    await cluster().stopApiServer('SIGTERM');
    await cluster().startApiServer();
    const watch = client.watch(configMaps, { namespace: 'default', resourceVersion: '1', timeoutSeconds: 5, signal: new AbortController().signal });
    const readAll = async (): Promise<void> => {
      for await (const event of watch) expect(event.type).toBe('BOOKMARK');
    };
    await expect(readAll()).rejects.toMatchObject({ kind: 'Gone' });
  }, 120_000);
});
