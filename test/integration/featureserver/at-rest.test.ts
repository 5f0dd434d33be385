import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { freePort } from '../support/ports.ts';
import { startAudit } from './support/audit.ts';
import { FakePods } from './support/fake-pods.ts';
import { Fleet, specOf } from './support/fleet.ts';
import { type OperatorProcess, operatorUser, startOperator } from './support/operator-process.ts';
import { until } from './support/until.ts';

const timeoutMs = 180_000;
const audit = startAudit();

describeControlPlane('a fleet at rest', (cluster) => {
  let client: KubeClient;
  let operator: OperatorProcess;
  let namespace: string;
  /** Just the rights of the chart: what is not in them would show here. */
  let kubeconfig: string;
  const names = ['one', 'two', 'three', 'four', 'five', 'python', 'feast', 'builtin'];
  const fleets = (): Fleet[] => names.map((name) => new Fleet(client, namespace, name));

  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
    namespace = await cluster().createNamespace();
    kubeconfig = await operatorUser(cluster());
    await client.create(resourceTypes.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'store' }, data: { 'feature_store.yaml': 'project: p' } }, { fieldManager: 'user' });
    operator = await startOperator(cluster(), ['--namespace', namespace], kubeconfig);
    for (const fleet of fleets()) await fleet.apply(spec(fleet.name));
    for (const fleet of fleets()) {
      await fleet.untilReplicas(3);
      await fleet.reportPods();
      await fleet.untilCondition('Ready', 'True', 'Available');
    }
  }, timeoutMs);
  afterAll(async () => {
    await operator.stop();
    await client.close();
  });

  const featureStore = { configMap: { name: 'store' } };

  /** Everything that a spec can say is in one of them: what the server writes in another form than it was sent must not count as drift. */
  const spec = (name: string) => specOf({
    replicas: 3,
    scaling: { mode: name === 'one' ? 'Auto' : 'Off' },
    ...(name === 'two' ? { resources: { limits: { cpu: '1500m', memory: '1024Mi' }, requests: { cpu: '0.50', memory: '1Gi' } } } : {}),
    ...(name === 'three' ? { env: [{ name: 'A', value: '' }, { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }], envFrom: [{ configMapRef: { name: 'x', optional: true } }] } : {}),
    ...(name === 'four' ? { networkPolicy: { enabled: true, from: [{ podSelector: {} }] }, disruption: { maxUnavailable: '25%' } } : {}),
    ...(name === 'python' ? { server: { python: { image: 'example.org/shop:1', app: 'main:app', server: 'gunicorn' } }, podTemplate: { spec: { initContainers: [{ name: 'plateau-pool', resources: { limits: { cpu: '0.2' } } }, { name: 'warm', image: 'example.org/warm:1' }] } } } : {}),
    ...(name === 'feast' ? { server: { feast: { image: 'example.org/feast:1', featureStore } } } : {}),
    ...(name === 'builtin' ? { server: { builtin: { featureStore } } } : {}),
    ...(name === 'five' ? { podTemplate: { metadata: { annotations: { a: 'b' } }, spec: { nodeSelector: { zone: 'a' }, tolerations: [{ key: 'x', operator: 'Exists' }], containers: [{ name: 'server', volumeMounts: [{ name: 'extra', mountPath: '/extra' }] }], volumes: [{ name: 'extra', emptyDir: {} }] } } } : {}),
  });

  const reconciles = (): Promise<number> => operator.metric('controller_runtime_reconcile_total', 'controller="featureserver"');

  it('is not written to, however often it is looked at', async () => {
    await until('everything has settled', async () => {
      const before = audit.writes().length;
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      return audit.writes().length === before;
    });
    const before = audit.writes().length;
    const looked = await reconciles();
    // A label is no change of the spec, but an event for the watch: each wakes the reconcile.
    for (let round = 0; round < 20; round += 1) {
      for (const fleet of fleets()) await fleet.edit(resourceTypes.featureServer, (object) => { object.metadata.labels = { round: String(round) }; });
    }
    await until('all rounds are seen', async () => (await reconciles()) >= looked + 20);
    await until('the queue is empty', async () => (await operator.metric('workqueue_depth', 'name="featureserver"')) === 0 && (await operator.metric('controller_runtime_active_workers', 'controller="featureserver"')) === 0);
    expect(audit.writes().slice(before)).toEqual([]);
  }, timeoutMs);

  it('is not written to by another operator that starts anew, knows nothing and brings newer images, and its Secrets are never listed', async () => {
    const images = async (): Promise<unknown[]> => Promise.all(fleets().map(async (fleet) => [(await fleet.status()).image, (await fleet.status()).poolImage]));
    const pinned = await images();
    expect(pinned.flat().filter((image) => image !== undefined)).toHaveLength(3);
    await operator.stop();
    const before = audit.writes().length;
    const newer = ['--builtin-image', 'example.org/plateau-worker:99', '--pool-image', 'example.org/plateau-pool:99'];
    operator = await startOperator(cluster(), ['--namespace', namespace, ...newer], kubeconfig);
    await until('all are looked at', async () => (await reconciles()) >= names.length);
    await until('the queue is empty', async () => (await operator.metric('workqueue_depth', 'name="featureserver"')) === 0 && (await operator.metric('controller_runtime_active_workers', 'controller="featureserver"')) === 0);
    expect(audit.writes().slice(before)).toEqual([]);
    expect(await images()).toEqual(pinned);
    expect(audit.requests().filter(({ resource, verb }) => resource === 'secrets' && verb === 'list')).toEqual([]);
  }, timeoutMs);

  it('with pods that are measured, gets one status with newer figures a minute and nothing else', async () => {
    const fleet = new Fleet(client, namespace, 'measured');
    const port = await freePort();
    const pods = new FakePods(fleet, port, 60);
    // No knob has room to move; evaluated each second, so that a write for each evaluation would be seen at once.
    const still = { mode: 'Auto', replicas: { min: 3, max: 3 }, evaluation: { period: '1s', window: '15s' } };
    await fleet.apply(specOf({ ports: { admin: port }, scaling: still, pool: { threads: { min: 8, max: 8, initial: 8 }, warmUp: '0s' } }));
    pods.load = { requestsPerSecond: 60, cpuSecondsPerRequest: 0.008 };
    pods.start();
    try {
      await fleet.untilStatus('it is measured', ({ observed, threads }) => observed?.requestsPerSecond !== undefined && threads?.acknowledgedPods === 3);
      await until('the first decisions are over', async () => {
        const before = audit.writes().length;
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        return audit.writes().length === before;
      });
      const before = audit.writes().length;
      const evaluated = await operator.metric('plateau_evaluations_total');
      await new Promise((resolve) => setTimeout(resolve, 75_000));
      expect((await operator.metric('plateau_evaluations_total')) - evaluated).toBeGreaterThan(20);
      const writes = audit.writes().slice(before);
      expect(writes.filter(({ resource, subresource, name }) => resource !== 'featureservers' || subresource !== 'status' || name !== 'measured')).toEqual([]);
      expect(writes.length).toBeGreaterThanOrEqual(1);
      expect(writes.length).toBeLessThanOrEqual(2);
    } finally {
      await pods.stop();
    }
  }, 2 * timeoutMs);
}, { apiServerFlags: audit.flags });
