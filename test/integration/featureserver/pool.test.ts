import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { at, textAt } from '../../../src/core/featureserver/manifest.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { freePort } from '../support/ports.ts';
import { FakePods } from './support/fake-pods.ts';
import { Fleet, specOf } from './support/fleet.ts';
import { type OperatorProcess, operatorUser, startOperator } from './support/operator-process.ts';
import { until } from './support/until.ts';

const timeoutMs = 120_000;

describeControlPlane('thread changes and scale moves reach pods', (cluster) => {
  let client: KubeClient;
  let kubeconfig: string;
  let operator: OperatorProcess;
  let fleet: Fleet;
  let pods: FakePods;
  let port: number;
  let network = 40;

  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
    kubeconfig = await operatorUser(cluster());
    operator = await startOperator(cluster(), [], kubeconfig);
  }, timeoutMs);
  afterAll(async () => {
    await operator.stop();
    await client.close();
  });
  beforeEach(async () => {
    fleet = new Fleet(client, await cluster().createNamespace());
    port = await freePort();
    pods = new FakePods(fleet, port, network += 1);
  });
  afterEach(async () => {
    await pods.stop();
    await client.delete(resourceTypes.featureServer, { namespace: fleet.namespace, name: fleet.name });
  });

  const spec = (threads: number, parts: Record<string, unknown> = {}) => specOf({ ports: { admin: port }, pool: { threads: { min: threads, max: 32, initial: threads } }, scaling: { mode: 'Off' }, replicas: 3, ...parts });

  it('by PUT to those that run, again to one that was away, and to one that restarted', async () => {
    await fleet.apply(spec(8));
    await fleet.untilReplicas(3);
    await pods.sync();
    await fleet.untilStatus('all three run what is asked for', ({ threads }) => threads?.acknowledgedPods === 3 && threads.desired === 8);
    const [first, second] = [...pods.pods.values()];
    await first?.away();
    await fleet.apply(spec(12));
    await fleet.untilStatus('two have taken it', ({ threads }) => threads?.acknowledgedPods === 2 && threads.desired === 12);
    await first?.listen(port);
    await fleet.untilStatus('the third is back and has taken it', ({ threads }) => threads?.acknowledgedPods === 3);
    expect(first?.changes.at(-1)).toMatchObject({ threads: 12 });
    // A restart brings the pod back with an old configuration: a ConfigMap reaches a node late.
    const before = second?.changes.length ?? 0;
    if (second !== undefined) {
      second.pool = { ...second.pool, threads: 8, generation: 1 };
      await pods.report(second.name, new Date(Date.now() + 5_000));
    }
    await until('the restarted pod is set right', () => (second?.changes.length ?? 0) > before && second?.pool.threads === 12);
    const config: unknown = JSON.parse(textAt(await fleet.get(resourceTypes.configMap, `${fleet.name}-pool`), 'data', 'pool.json') ?? '');
    expect(config).toMatchObject({ threads: 12, objectiveMs: 50 });
    expect([...pods.pods.values()].map(({ refusals }) => refusals).flat()).toEqual([]);
    // A live change rolls nothing.
    expect(at(await fleet.get(resourceTypes.deployment), 'spec', 'template', 'metadata', 'annotations', 'plateau.dev/pool-at-start')).toBeUndefined();
  }, timeoutMs);

  it('by a rollout where the server cannot change while it runs', async () => {
    pods.live = { threads: false, processes: true };
    await fleet.apply(spec(8));
    await fleet.untilReplicas(3);
    await pods.sync();
    await fleet.untilStatus('all three have answered', ({ threads }) => threads?.acknowledgedPods === 3);
    const annotation = async (): Promise<unknown> => at(await fleet.get(resourceTypes.deployment), 'spec', 'template', 'metadata', 'annotations', 'plateau.dev/pool-at-start');
    expect(await annotation()).toBeUndefined();
    await fleet.apply(spec(12));
    await until('the template says so', async () => (await annotation()) === 'threads=12');
    expect([...pods.pods.values()].flatMap(({ changes }) => changes)).not.toContainEqual(expect.objectContaining({ threads: 12 }));
  }, timeoutMs);

  it('by one more rollout for all that changed while pods were being replaced, and by none for what is live', async () => {
    pods.live = { threads: false, processes: true };
    await fleet.apply(spec(8));
    await fleet.untilReplicas(3);
    await pods.sync();
    await fleet.untilStatus('all three have answered', ({ threads }) => threads?.acknowledgedPods === 3);
    const template = async (): Promise<unknown> => at(await fleet.get(resourceTypes.deployment), 'spec', 'template', 'metadata', 'annotations', 'plateau.dev/pool-at-start');
    await fleet.apply(spec(12));
    await until('the first rollout', async () => (await template()) === 'threads=12');
    await fleet.reportPods({ updatedReplicas: 1 });
    for (const threads of [16, 20]) {
      await fleet.apply(spec(threads));
      await fleet.untilStatus(`${threads} are asked for, and told to the pods that run`, (status) => status.threads?.desired === threads && status.threads.acknowledgedPods === 3);
      expect(await template()).toBe('threads=12');
    }
    await fleet.reportPods();
    await until('the second rollout', async () => (await template()) === 'threads=20');
    const { generation } = (await fleet.get(resourceTypes.deployment)).metadata;
    await fleet.reportPods();
    const pool = { threads: { min: 20, max: 32, initial: 20 }, processes: { min: 2, max: 2 } };
    await fleet.apply(spec(20, { pool }));
    await until('processes are turned live', () => [...pods.pods.values()].every((pod) => pod.pool.processes === 2));
    expect((await fleet.get(resourceTypes.deployment)).metadata.generation).toBe(generation);
  }, timeoutMs);

  it('an operator that goes away in the middle of a scale-up never lets the fleet shrink', async () => {
    await fleet.apply(spec(8, { replicas: undefined, scaling: { mode: 'Auto', replicas: { min: 2, max: 10 }, scaleUp: { maxPods: 1, maxPercent: 50, period: '2s' }, evaluation: { period: '1s', window: '3s' } }, pool: { threads: { min: 8, max: 32, initial: 8 }, warmUp: '0s' } }));
    await fleet.untilReplicas(2);
    const record = await fleet.recordReplicas();
    // 640 requests a second of 8 ms each are 5.1 cores.
    pods.load = { requestsPerSecond: 640, cpuSecondsPerRequest: 0.008 };
    pods.start();
    await until('the scale-up has begun', () => (record.seen.at(-1) ?? 0) >= 4);
    expect(await operator.stop('SIGKILL')).toBe('SIGKILL');
    const atRestart = await fleet.replicas();
    operator = await startOperator(cluster(), [], kubeconfig);
    await until('the scale-up goes on to its end', () => (record.seen.at(-1) ?? 0) >= 7);
    record.stop();
    expect(record.seen.every((seen, index) => seen >= (record.seen[index - 1] ?? 0))).toBe(true);
    expect(Math.min(...record.seen.slice(-1))).toBeGreaterThanOrEqual(atRestart);
    const status = await fleet.untilStatus('it says why', ({ decisions = [] }) => decisions.length > 0);
    expect(status.decisions?.[0]?.message).not.toBe('');
    expect(status.decisions?.length).toBeLessThanOrEqual(10);
  }, timeoutMs);
});
