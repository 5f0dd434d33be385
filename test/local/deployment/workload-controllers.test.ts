import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { readGroupUsage } from '../../../src/local/process/group-usage.ts';
import { noMetrics } from '../../../src/local/control-loops.ts';
import { collectOrphans } from '../../../src/local/deployment/orphan-collector.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import type { KubeObject } from '../../../src/runtime/ports.ts';
import { silentLogger, startLocalCluster, tinyDeployment, tinyServer, untilObjects, untilPods } from '../support/local-cluster.ts';
import type { LocalCluster } from '../support/local-cluster.ts';

const options = { fieldManager: 'test', force: true };
const conditionOf = (object: KubeObject | undefined, type: string): Record<string, unknown> | undefined => {
  const status = object?.['status'];
  if (typeof status !== 'object' || status === null || !('conditions' in status) || !Array.isArray(status.conditions)) return undefined;
  return status.conditions.find((condition: { type: string }) => condition.type === type);
};
const isReady = (pod: KubeObject): boolean => conditionOf(pod, 'Ready')?.['status'] === 'True' && pod.metadata.deletionTimestamp === undefined;
const statusOf = (object: KubeObject | undefined): Record<string, unknown> => JSON.parse(JSON.stringify(object?.['status'] ?? {})) as Record<string, unknown>;
const ask = (ip: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host: ip, port: 8080, path: '/' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
const answerEnv = (value: string) => ({ env: [{ name: 'ANSWER', value }] });

const withTemplate = (deployment: KubeObject, spec: Record<string, unknown>): KubeObject => {
  const copy = structuredClone(deployment) as KubeObject & { spec: { template: { spec: Record<string, unknown> } } };
  Object.assign(copy.spec.template.spec, spec);
  return copy;
};

/** A pod is gone from the API as soon as its guard is; what the guard killed takes a moment more. */
const untilNoProcess = async (groups: readonly number[]): Promise<void> => {
  for (let look = 0; look < 400; look += 1) {
    const usage = readGroupUsage();
    if (!groups.some((group) => usage.has(group))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('processes of pods that are gone are left');
};

describe('the local Deployment controller and kubelet', () => {
  let cluster: LocalCluster;
  beforeEach(async () => {
    cluster = await startLocalCluster();
  });
  afterEach(() => cluster.stop());

  it('runs pods as processes with addresses of their own, rolls them without losing one, scales and deletes them', async () => {
    const { client } = cluster;
    await client.apply(resourceTypes.deployment, tinyDeployment('web', 2, answerEnv('one')), options);
    const first = await untilPods(client, (pods) => pods.length === 2 && pods.every(isReady));
    const ips = first.map((pod) => String(statusOf(pod)['podIP']));
    expect(new Set(ips).size).toBe(2);
    await expect(Promise.all(ips.map(ask))).resolves.toEqual(['one', 'one']);

    await client.apply(resourceTypes.deployment, tinyDeployment('web', 2, answerEnv('two')), options);
    let fewest = 2;
    let most = 2;
    const rolled = await untilPods(client, (pods) => {
      fewest = Math.min(fewest, pods.filter(isReady).length);
      most = Math.max(most, pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length);
      return pods.length === 2 && pods.every((pod) => isReady(pod) && !first.some(({ metadata }) => metadata.uid === pod.metadata.uid));
    });
    expect(fewest).toBe(2);
    expect(most).toBe(3);
    await expect(Promise.all(rolled.map((pod) => ask(String(statusOf(pod)['podIP']))))).resolves.toEqual(['two', 'two']);
    const [deployment] = await untilObjects(client, resourceTypes.deployment, ([object]) => statusOf(object)['updatedReplicas'] === 2 && conditionOf(object, 'Progressing')?.['reason'] === 'NewReplicaSetAvailable');
    expect(statusOf(deployment)).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2, observedGeneration: deployment?.metadata.generation });
    expect(conditionOf(deployment, 'Available')).toMatchObject({ status: 'True' });

    await client.apply(resourceTypes.deployment, tinyDeployment('web', 1, answerEnv('two')), options);
    await untilPods(client, (pods) => pods.length === 1);
    await client.delete(resourceTypes.deployment, { namespace: 'default', name: 'web' }, { propagation: 'Background' });
    await untilPods(client, (pods) => pods.length === 0);
    await untilNoProcess(cluster.groups);
  }, 60_000);

  it('lets a changed ConfigMap reach a running pod without a restart', async () => {
    const { client } = cluster;
    const program = `require('node:http').createServer((request, response) => response.end(require('node:fs').readFileSync(process.env.FILE))).listen(8080, process.env.WORKER_POOL_HOST)`;
    const configMap = (answer: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'answers', namespace: 'default' }, data: { answer } });
    const container = { command: [process.execPath, '-e', program], env: [{ name: 'FILE', value: '/etc/answers/answer' }], volumeMounts: [{ name: 'answers', mountPath: '/etc/answers' }] };
    const deployment = tinyDeployment('files', 1, container);
    const { template } = deployment['spec'] as { template: { spec: Record<string, unknown> } };
    template.spec['volumes'] = [{ name: 'answers', configMap: { name: 'answers' } }];
    await client.apply(resourceTypes.configMap, configMap('before'), options);
    await client.apply(resourceTypes.deployment, deployment, options);
    const [pod] = await untilPods(client, (pods) => pods.length === 1 && pods.every(isReady));
    const ip = String(statusOf(pod)['podIP']);
    await expect(ask(ip)).resolves.toBe('before');
    await client.apply(resourceTypes.configMap, configMap('after'), options);
    while ((await ask(ip)) !== 'after') await new Promise((resolve) => setTimeout(resolve, 25));
    const [same] = await untilPods(client, (pods) => pods.length === 1);
    expect(same?.metadata.uid).toBe(pod?.metadata.uid);
  }, 60_000);

  it('deletes what has lost its owner, and nothing else', async () => {
    const { client } = cluster;
    const signal = new AbortController().signal;
    const ownerReferences = [{ apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer', name: 'gone', uid: 'gone', controller: true }];
    const foreign = [{ apiVersion: 'example.com/v1', kind: 'Other', name: 'x', uid: 'x', controller: true }];
    const deleted: string[] = [];
    const owned = (name: string, references: typeof foreign): KubeObject => ({ metadata: { name, namespace: 'default', uid: name, ownerReferences: references } });
    const items = [owned('orphan', ownerReferences), owned('other', foreign)];
    const listing = {
      ...client,
      list: (type: { plural: string }) => Promise.resolve({ resourceVersion: '1', items: type.plural === 'configmaps' ? items : [] }),
      delete: (_: unknown, key: { name: string }) => {
        deleted.push(key.name);
        return Promise.resolve();
      },
    };
    await collectOrphans({ client: listing, clock: systemClock(), random: Math.random, logger: silentLogger, metrics: noMetrics }, signal);
    expect(deleted).toEqual(['orphan']);
  });

  it('runs init containers in order over a shared volume, once in the life of a pod, and tells how far they are', async () => {
    const { client } = cluster;
    // The second needs what the first has left; both count their runs in a folder that outlives containers.
    const step = (name: string, script: string) => ({ name, image: 'none', command: ['/bin/sh', '-c', script], volumeMounts: [{ name: 'work', mountPath: '/work' }] });
    const deployed = tinyDeployment('inited', 1, {
      // It ends after its first life, so that a restart is seen.
      command: ['/bin/sh', '-c', `if [ ! -e /work/lived ]; then touch /work/lived; exit 1; fi; ANSWER="$(cat /work/log | tr '\n' ' ')" exec '${process.execPath}' -e "$SERVER"`],
      env: [{ name: 'SERVER', value: tinyServer }],
      volumeMounts: [{ name: 'work', mountPath: '/work' }],
    });
    const template = { initContainers: [step('first', 'echo first >> /work/log'), step('second', 'test -s /work/log && echo second >> /work/log')], volumes: [{ name: 'work', emptyDir: {} }] };
    await client.apply(resourceTypes.deployment, withTemplate(deployed, template), options);
    const [pod] = await untilPods(client, (all) => all.length === 1 && all.every(isReady));
    expect(conditionOf(pod, 'Initialized')).toMatchObject({ status: 'True' });
    expect(statusOf(pod)['initContainerStatuses']).toMatchObject([{ name: 'first', ready: true, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }, { name: 'second', ready: true, restartCount: 0 }]);
    expect(statusOf(pod)['containerStatuses']).toMatchObject([{ restartCount: 1 }]);
    await expect(ask(String(statusOf(pod)['podIP']))).resolves.toBe('first second ');
  }, 60_000);

  it('keeps a pod in its initialisation while an init container fails, and ends it there when it is deleted', async () => {
    const { client } = cluster;
    const failing = { initContainers: [{ name: 'broken', image: 'none', command: ['/bin/sh', '-c', 'echo no room >&2; exit 7'] }] };
    const lasting = { initContainers: [{ name: 'slow', image: 'none', command: ['/bin/sh', '-c', 'sleep 600'] }] };
    await client.apply(resourceTypes.deployment, withTemplate(tinyDeployment('failing', 1), failing), options);
    await client.apply(resourceTypes.deployment, withTemplate(tinyDeployment('lasting', 1), lasting), options);
    const initOf = (pods: KubeObject[], name: string): Record<string, unknown> | undefined =>
      ((statusOf(pods.find(({ metadata }) => metadata.labels?.['app'] === name))['initContainerStatuses'] ?? []) as Record<string, unknown>[])[0];
    const pods = await untilPods(client, (all) => 'waiting' in Object(initOf(all, 'failing')?.['state']) && Number(initOf(all, 'failing')?.['restartCount']) > 0 && 'running' in Object(initOf(all, 'lasting')?.['state']));
    expect(initOf(pods, 'failing')).toMatchObject({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 7, message: 'no room' } }, ready: false });
    const broken = pods.find(({ metadata }) => metadata.labels?.['app'] === 'failing');
    expect(statusOf(broken)).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }] });
    expect(conditionOf(broken, 'Initialized')).toMatchObject({ status: 'False', message: 'containers with incomplete status: [broken]' });
    for (const name of ['failing', 'lasting']) await client.delete(resourceTypes.deployment, { namespace: 'default', name }, { propagation: 'Background' });
    await untilPods(client, (all) => all.length === 0);
    await untilNoProcess(cluster.groups);
  }, 60_000);

  it('reports a crash loop, a missing ConfigMap and an image that cannot be run in the words of a kubelet', async () => {
    const { client } = cluster;
    await client.apply(resourceTypes.deployment, tinyDeployment('crash', 1, { command: [process.execPath, '-e', 'console.error("no database"); process.exit(3)'] }), options);
    await client.apply(resourceTypes.deployment, tinyDeployment('lacking', 1, { envFrom: [{ configMapRef: { name: 'absent' } }] }), options);
    await client.apply(resourceTypes.deployment, tinyDeployment('image', 1, { command: [] }), options);
    const waiting = (pods: KubeObject[], name: string): Record<string, unknown> | undefined => {
      const pod = pods.find(({ metadata }) => metadata.labels?.['app'] === name);
      const [container] = (statusOf(pod)['containerStatuses'] ?? []) as { state: { waiting?: Record<string, unknown> } }[];
      return container?.state.waiting;
    };
    const pods = await untilPods(client, (all) => waiting(all, 'crash')?.['reason'] === 'CrashLoopBackOff' && waiting(all, 'lacking')?.['reason'] !== 'ContainerCreating' && waiting(all, 'image')?.['reason'] !== 'ContainerCreating' && waiting(all, 'image') !== undefined && waiting(all, 'lacking') !== undefined);
    expect(waiting(pods, 'crash')?.['message']).toContain('no database');
    expect(waiting(pods, 'lacking')).toMatchObject({ reason: 'CreateContainerConfigError', message: 'configmap "absent" not found' });
    expect(waiting(pods, 'image')?.['reason']).toBe('ImagePullBackOff');
    expect(waiting(pods, 'image')?.['message']).toContain('give container server a command');

    await client.create(resourceTypes.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'absent', namespace: 'default' }, data: { ANSWER: 'there' } }, { fieldManager: 'test' });
    const healed = await untilPods(client, (all) => all.some((pod) => pod.metadata.labels?.['app'] === 'lacking' && isReady(pod)));
    const pod = healed.find(({ metadata }) => metadata.labels?.['app'] === 'lacking');
    await expect(ask(String(statusOf(pod)['podIP']))).resolves.toBe('there');
  }, 60_000);
});
