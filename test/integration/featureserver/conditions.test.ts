import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { childNames, managedBy, selectorLabels } from '../../../src/api/names.ts';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { numberAt } from '../../../src/core/featureserver/manifest.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/runtime/ports.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { Fleet, condition, kstatus, specOf } from './support/fleet.ts';
import { type OperatorProcess, operatorUser, startOperator } from './support/operator-process.ts';
import { until } from './support/until.ts';

const timeoutMs = 120_000;

describeControlPlane('conditions, as kstatus reads them at each moment', (cluster) => {
  let client: KubeClient;
  let operator: OperatorProcess;
  let fleet: Fleet;

  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
    operator = await startOperator(cluster(), [], await operatorUser(cluster()));
  }, timeoutMs);
  afterAll(async () => {
    await operator.stop();
    await client.close();
  });
  beforeEach(async () => { fleet = new Fleet(client, await cluster().createNamespace()); });
  afterEach(() => client.delete(resourceTypes.featureServer, { namespace: fleet.namespace, name: fleet.name }));

  const spec = (parts: Record<string, unknown> = {}) => specOf({ scaling: { mode: 'Off' }, replicas: 9, ...parts });
  const current = async (): Promise<void> => {
    await fleet.apply(spec());
    await fleet.untilReplicas(9);
    await until('the creation has settled', async () => (await fleet.replicaOwners()).join() === 'plateau-scale');
    await fleet.reportPods();
    await fleet.untilCondition('Ready', 'True', 'Available');
  };

  /** Every state that kstatus would read, in order, without repetitions, and the object as the watch saw it last: it may lag behind a read. */
  const followed = async (): Promise<{ states: string[]; last?: KubeObject; stop(): void }> => {
    const end = new AbortController();
    const states: string[] = [];
    const record: { states: string[]; last?: KubeObject; stop(): void } = { states, stop: () => end.abort() };
    const { resourceVersion } = await client.list(resourceTypes.featureServer, { namespace: fleet.namespace });
    const follow = async (): Promise<void> => {
      for await (const { type, object } of client.watch(resourceTypes.featureServer, { namespace: fleet.namespace, resourceVersion, timeoutSeconds: 300, signal: end.signal })) {
        // Before anybody has looked there is no status; kstatus then knows no better than Current.
        if (type === 'BOOKMARK' || object['status'] === undefined) continue;
        if (states.at(-1) !== kstatus(object)) states.push(kstatus(object));
        record.last = object;
      }
    };
    void follow().catch(() => undefined);
    return record;
  };

  it('create: InProgress until the pods serve, never Current before', async () => {
    const record = await followed();
    await current();
    await until('the watch has seen the end', () => record.states.at(-1) === 'Current');
    expect(record.states).toEqual(['InProgress', 'Current']);
    record.stop();
  }, timeoutMs);

  it('rollout: InProgress while old pods are left, then Current', async () => {
    await current();
    const record = await followed();
    await fleet.apply(spec({ env: [{ name: 'NEW', value: '1' }] }));
    await fleet.untilCondition('Reconciling', 'True', 'RolloutInProgress');
    await fleet.reportPods({ updatedReplicas: 3, availableReplicas: 9 });
    await fleet.untilStatus('three are new', ({ updatedReplicas }) => updatedReplicas === 3);
    expect(kstatus(await fleet.get())).toBe('InProgress');
    await fleet.reportPods();
    await fleet.untilCondition('Ready', 'True', 'Available');
    await until('the watch has seen the end', () => record.states.at(-1) === 'Current');
    expect(record.states).toEqual(['InProgress', 'Current']);
    record.stop();
  }, timeoutMs);

  it('a move of replicas alone leaves it Current', async () => {
    await current();
    const record = await followed();
    await cluster().kubectl(['patch', 'deployment', fleet.name, '--namespace', fleet.namespace, '--type=merge', '--subresource=status', '-p', '{"status":{"readyReplicas":8,"availableReplicas":8}}']);
    await until('the watch has seen that one is missing', () => numberAt(record.last, -1, 'status', 'readyReplicas') === 8);
    expect(record.states).toEqual(['Current']);
    record.stop();
  }, timeoutMs);

  const waitingPod = (waiting: object) => pod({ containerStatuses: [{ name: 'server', ready: false, restartCount: 3, image: 'x', imageID: '', state: { waiting } }] });
  const pod = (status: object) =>
    client.create(resourceTypes.pod, {
      apiVersion: 'v1', kind: 'Pod', metadata: { namespace: fleet.namespace, name: 'ranking-1', labels: { ...selectorLabels(fleet.name), 'app.kubernetes.io/managed-by': managedBy } },
      spec: { serviceAccountName: childNames(fleet.name).serviceAccount, automountServiceAccountToken: false, containers: [{ name: 'server', image: 'x' }] },
    }, { fieldManager: 'kubelet' }).then(() => fleet.edit(resourceTypes.pod, (object) => {
      object['status'] = { phase: 'Pending', ...status };
    }, { name: 'ranking-1', manager: 'kubelet', subresource: 'status' }));

  it.each([
    ['ImagePullBackOff', 'ImagePull', 'Back-off pulling image "example.org/server:1"'],
    ['InvalidImageName', 'ImagePull', 'couldn\'t parse image'],
    ['CrashLoopBackOff', 'CrashLoop', 'back-off 5m0s restarting failed container'],
    ['CreateContainerConfigError', 'InvalidSpec', 'secret "x" not found'],
  ])('%s: Failed, with what the kubelet says, and Current again when it is over', async (waiting, reason, message) => {
    await fleet.apply(spec());
    await fleet.untilReplicas(9);
    await until('the ServiceAccount is there', () => fleet.find(resourceTypes.serviceAccount));
    await waitingPod({ reason: waiting, message });
    const status = await fleet.untilCondition('Stalled', 'True', reason);
    expect(condition(status, 'Stalled')?.message).toContain(message);
    expect(kstatus(await fleet.get())).toBe('Failed');
    const events = await until('an event tells it', async () => (await client.list(resourceTypes.event, { namespace: fleet.namespace })).items.find((event) => event['reason'] === reason));
    expect(events).toMatchObject({ type: 'Warning' });
    await client.delete(resourceTypes.pod, { namespace: fleet.namespace, name: 'ranking-1' }, { gracePeriodSeconds: 0 });
    await fleet.reportPods();
    await fleet.untilCondition('Ready', 'True', 'Available');
    expect(kstatus(await fleet.get())).toBe('Current');
  }, timeoutMs);

  it('no node has room: Failed, with what the scheduler says, and Current again when there is one', async () => {
    await fleet.apply(spec());
    await fleet.untilReplicas(9);
    await until('the ServiceAccount is there', () => fleet.find(resourceTypes.serviceAccount));
    const message = '0/3 nodes are available: 3 Insufficient cpu.';
    await pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
    const status = await fleet.untilCondition('Stalled', 'True', 'Unschedulable');
    expect(condition(status, 'Stalled')?.message).toContain(message);
    expect(kstatus(await fleet.get())).toBe('Failed');
    await client.delete(resourceTypes.pod, { namespace: fleet.namespace, name: 'ranking-1' }, { gracePeriodSeconds: 0 });
    await fleet.reportPods();
    await fleet.untilCondition('Ready', 'True', 'Available');
    expect(kstatus(await fleet.get())).toBe('Current');
  }, timeoutMs);

  it('a rollout past its deadline: Failed, with what the Deployment controller says, and Current once it gets through', async () => {
    await current();
    await fleet.apply(spec({ env: [{ name: 'NEW', value: '1' }] }));
    await fleet.untilCondition('Reconciling', 'True', 'RolloutInProgress');
    const message = 'ReplicaSet "ranking-1" has timed out progressing.';
    await fleet.reportPods({ updatedReplicas: 2, conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }] });
    const status = await fleet.untilCondition('Stalled', 'True', 'DeadlineExceeded');
    expect(condition(status, 'Stalled')?.message).toContain(message);
    // The pods of the former template serve on, and yet the spec is not fulfilled.
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'DeadlineExceeded' });
    expect(kstatus(await fleet.get())).toBe('Failed');
    await fleet.reportPods();
    await fleet.untilCondition('Ready', 'True', 'Available');
    expect(kstatus(await fleet.get())).toBe('Current');
  }, timeoutMs);

  it('a quota that refuses pods: Failed during a rollout, only limited afterwards', async () => {
    await fleet.apply(spec());
    await fleet.untilReplicas(9);
    const refused = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota: pods, used: 5, limited: 5' }];
    await fleet.reportPods({ conditions: refused, updatedReplicas: 5, replicas: 5, readyReplicas: 5, availableReplicas: 5 });
    const status = await fleet.untilCondition('Stalled', 'True', 'QuotaExceeded');
    expect(condition(status, 'ScalingLimited')).toMatchObject({ status: 'True', reason: 'QuotaExceeded' });
    await fleet.reportPods();
    await fleet.untilCondition('Ready', 'True', 'Available');
    await fleet.reportPods({ conditions: refused });
    await fleet.untilCondition('ScalingLimited', 'True', 'QuotaExceeded');
    expect(kstatus(await fleet.get())).toBe('Current');
  }, timeoutMs);

  it.each(['secret', 'configMap'])('a %s of the feature store that is missing is named, and noticed when it comes', async (kind) => {
    const reference = { name: 'store', key: 'feature_store.yaml' };
    await fleet.apply(spec({ server: { builtin: { image: 'example.org/plateau:1', featureStore: { [kind]: reference } } } }));
    const reason = kind === 'secret' ? 'SecretMissing' : 'ConfigMapMissing';
    const status = await fleet.untilCondition('Stalled', 'True', reason);
    expect(condition(status, 'Stalled')?.message).toContain('store does not exist');
    const type = kind === 'secret' ? resourceTypes.secret : resourceTypes.configMap;
    await client.create(type, { apiVersion: 'v1', kind: type.kind, metadata: { namespace: fleet.namespace, name: 'store' }, ...(kind === 'secret' ? { stringData: { 'feature_store.yaml': 'project: x' } } : { data: { 'feature_store.yaml': 'project: x' } }) }, { fieldManager: 'user' });
    await fleet.untilStatus('it has come', (present) => condition(present, 'Stalled')?.status === 'False');
  }, timeoutMs);

  it('a pod template that the API server refuses is named as such', async () => {
    await fleet.apply(spec({ podTemplate: { spec: { containers: [{ name: 'server', image: 'example.org/server:1', volumeMounts: [{ name: 'nothing', mountPath: '/x' }] }] } } }));
    const status = await fleet.untilCondition('Stalled', 'True', 'InvalidSpec');
    expect(condition(status, 'Stalled')?.message).toContain('nothing');
  }, timeoutMs);
});
