/**
 * The contract of the runtime's ApiClient port: the same on the embedded server's storage and over HTTP.
 *
 * @module
 */
import { expect, it } from '@jest/globals';
import type { ApiClient, KubeObject, ResourceType, WatchEvent } from '../../src/runtime/ports.ts';

const type = (group: string, plural: string, kind: string): ResourceType => ({ group, version: 'v1', plural, kind, namespaced: true });
const configMaps = type('', 'configmaps', 'ConfigMap');
const deployments = type('apps', 'deployments', 'Deployment');
const pods = type('', 'pods', 'Pod');

const manager = { fieldManager: 'client-contract' };
let counter = 0;
const freshName = (): string => {
  counter += 1;
  return `client-${process.pid}-${counter}`;
};

const configMap = (name: string, data: Record<string, string>): KubeObject => ({ metadata: { namespace: 'default', name }, data });

const deployment = (name: string, replicas: number): KubeObject => ({
  metadata: { namespace: 'default', name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'server', image: 'example/server:1' }] } },
  },
});

const watchOptions = (resourceVersion: string, signal: AbortSignal) => ({ namespace: 'default', resourceVersion, timeoutSeconds: 30, signal });

/** The cases. */
export const apiClientContract = (client: () => ApiClient): void => {
  it('creates, reads, replaces, lists and deletes', async () => {
    const name = freshName();
    const key = { namespace: 'default', name };
    const created = await client().create(configMaps, configMap(name, { a: '1' }), manager);
    expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
    await client().replace(configMaps, { ...created, data: { a: '2' } }, manager);
    expect(await client().get(configMaps, key)).toMatchObject({ data: { a: '2' } });
    const page = await client().list(configMaps, { namespace: 'default', fieldSelector: `metadata.name=${name}` });
    expect(page.items.map((item) => item.metadata.name)).toEqual([name]);
    await client().delete(configMaps, key);
    await expect(client().get(configMaps, key)).rejects.toMatchObject({ name: 'ApiError', kind: 'NotFound', status: 404 });
  });

  it('names what went wrong by kind', async () => {
    const name = freshName();
    const created = await client().create(configMaps, configMap(name, {}), manager);
    await expect(client().create(configMaps, configMap(name, {}), manager)).rejects.toMatchObject({ kind: 'AlreadyExists' });
    await client().replace(configMaps, { ...created, data: { a: '2' } }, manager);
    await expect(client().replace(configMaps, { ...created, data: { a: '3' } }, manager)).rejects.toMatchObject({ kind: 'Conflict' });
    await expect(client().replace(configMaps, configMap(name, {}), manager)).rejects.toMatchObject({ kind: 'Invalid' });
    await expect(client().create(configMaps, configMap('Not_A_Name', {}), manager)).rejects.toMatchObject({ kind: 'Invalid' });
    await expect(client().delete(configMaps, { namespace: 'default', name }, { uid: 'another' })).rejects.toMatchObject({ kind: 'Conflict' });
  });

  it('applies, keeps what others own, and scales', async () => {
    const name = freshName();
    await client().apply(deployments, deployment(name, 2), { fieldManager: 'one' });
    await expect(client().apply(deployments, deployment(name, 3), { fieldManager: 'two' })).rejects.toMatchObject({ kind: 'Conflict' });
    const forced = await client().apply(deployments, deployment(name, 3), { fieldManager: 'two', force: true });
    expect(forced).toMatchObject({ spec: { replicas: 3 }, metadata: { generation: 2 } });
    const scale = { metadata: { namespace: 'default', name, resourceVersion: forced.metadata.resourceVersion ?? '' }, spec: { replicas: 5 } };
    await client().replace(deployments, { apiVersion: 'autoscaling/v1', kind: 'Scale', ...scale }, { ...manager, subresource: 'scale' });
    expect(await client().get(deployments, { namespace: 'default', name })).toMatchObject({ spec: { replicas: 5 } });
    const status = { metadata: { namespace: 'default', name }, status: { replicas: 4 } };
    expect(await client().apply(deployments, status, { ...manager, subresource: 'status' })).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 4 } });
  });

  it('takes back what a dry run has shown', async () => {
    const name = freshName();
    await client().apply(deployments, deployment(name, 2), { ...manager, dryRun: true });
    await expect(client().get(deployments, { namespace: 'default', name })).rejects.toMatchObject({ kind: 'NotFound' });
  });

  it('watches from a list on, and stops when told', async () => {
    const name = freshName();
    const { resourceVersion } = await client().list(configMaps, { namespace: 'default' });
    const stop = new AbortController();
    const seen: WatchEvent[] = [];
    await client().create(configMaps, configMap(name, {}), manager);
    await client().delete(configMaps, { namespace: 'default', name });
    const read = async (): Promise<void> => {
      for await (const event of client().watch(configMaps, watchOptions(resourceVersion, stop.signal))) {
        if (event.object.metadata.name === name) seen.push(event);
        if (event.type === 'DELETED') stop.abort();
      }
    };
    await read().catch((error: unknown) => expect(error).toMatchObject({ kind: 'Aborted' }));
    expect(seen.map((event) => event.type)).toEqual(['ADDED', 'DELETED']);
  });

  it('says Gone when a watch begins before the history', async () => {
    const read = async (): Promise<void> => {
      const options = watchOptions('1', AbortSignal.timeout(20_000));
      for await (const event of client().watch(pods, options)) expect(event.type).toBe('no event at all');
    };
    await expect(read()).rejects.toMatchObject({ name: 'ApiError', kind: 'Gone' });
  });

  it('ends a pod on a node in two steps', async () => {
    const name = freshName();
    const key = { namespace: 'default', name };
    const spec = { nodeName: 'local', containers: [{ name: 'server', image: 'example/server:1' }] };
    await client().create(pods, { metadata: { namespace: 'default', name }, spec }, manager);
    await client().delete(pods, key);
    const leaving = await client().get(pods, key);
    expect(leaving.metadata.deletionTimestamp).toEqual(expect.any(String));
    await client().delete(pods, key, { gracePeriodSeconds: 0, uid: leaving.metadata.uid ?? '' });
    await expect(client().get(pods, key)).rejects.toMatchObject({ kind: 'NotFound' });
  });
};
