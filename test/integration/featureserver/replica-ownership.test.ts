import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { Fleet, condition, specOf } from './support/fleet.ts';
import { type OperatorProcess, startOperator } from './support/operator-process.ts';
import { until } from './support/until.ts';

const timeoutMs = 120_000;
const nine = 9;

describeControlPlane('who owns the number of replicas, from nine pods', (cluster) => {
  let client: KubeClient;
  let operator: OperatorProcess;
  let fleet: Fleet;

  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
    operator = await startOperator(cluster());
  }, timeoutMs);
  afterAll(async () => {
    await operator.stop();
    await client.close();
  });
  beforeEach(async () => { fleet = new Fleet(client, await cluster().createNamespace()); });
  // No controller collects what a deleted owner leaves: the object goes, so that it is not reconciled for ever.
  afterEach(() => client.delete(resourceTypes.featureServer, { namespace: fleet.namespace, name: fleet.name }));

  const scaling = (mode: string, replicas?: number) => specOf({ scaling: { mode, replicas: { min: 2, max: 20 } }, ...(replicas === undefined ? {} : { replicas }) });

  /** A fleet at nine pods in that mode, nine having come about as they do there. */
  const fromNine = async (mode: string, replicas?: number): Promise<void> => {
    await fleet.apply(scaling('Off', nine));
    await fleet.untilReplicas(nine);
    await fleet.untilStatus('the fleet is known', (status) => status.desiredReplicas === nine);
    await fleet.apply(scaling(mode, replicas));
    await fleet.untilStatus(`mode ${mode} is in force`, (status) => status.mode === mode);
    await fleet.untilReplicas(nine);
  };

  const modes = ['Auto', 'ReplicasOnly', 'ThreadsOnly', 'Off', 'Recommend'];
  const changes = modes.flatMap((from) => modes.filter((to) => to !== from).flatMap((to) => [undefined, 3].map((number) => [from, to, number] as const)));

  it.each(changes)('a change from %s to %s (spec.replicas %s) never changes the running count by itself', async (from, to, number) => {
    // In the modes that obey it, 3 would have moved the fleet already: there the number that is there is nine.
    const obeys = !['Auto', 'ReplicasOnly'].includes(from);
    const present = number !== undefined && obeys ? nine : number;
    await fromNine(from, present);
    const record = await fleet.recordReplicas();
    await fleet.apply(scaling(to, present));
    const status = await fleet.untilStatus('the new mode is in force', ({ mode }) => mode === to);
    expect(status.desiredReplicas).toBe(nine);
    expect(await fleet.replicas()).toBe(nine);
    expect(new Set((await record.all()).filter((seen) => seen !== nine))).toEqual(new Set());
    record.stop();
  }, timeoutMs);

  it.each(['Auto', 'ReplicasOnly'])('%s: Plateau writes; a cut by somebody else is undone, growth is kept, /scale is ignored and said', async (mode) => {
    await fromNine(mode);
    expect(await fleet.replicaOwners()).toContain('plateau-scale');
    await fleet.scaleDeployment(2);
    await fleet.untilReplicas(nine);
    await until('plateau-scale owns the number again', async () => (await fleet.replicaOwners()).join() === 'plateau-scale');
    await fleet.scaleDeployment(12);
    await fleet.untilStatus('twelve are accepted', ({ desiredReplicas }) => desiredReplicas === 12);
    expect(await fleet.replicas()).toBe(12);
    await fleet.apply(scaling(mode, 4));
    const status = await fleet.untilCondition('ScalingActive', 'True', 'ScaleIgnored');
    expect(condition(status, 'ScalingActive')?.message).toContain('spec.replicas 4 is ignored');
    expect(await fleet.replicas()).toBe(12);
  }, timeoutMs);

  it.each(['ThreadsOnly', 'Off', 'Recommend'])('%s with spec.replicas: /scale is obeyed, and a number written past it is set right', async (mode) => {
    await fromNine(mode, nine);
    await cluster().kubectl(['scale', 'featureserver', fleet.name, '--namespace', fleet.namespace, '--replicas=5']);
    await fleet.untilReplicas(5);
    await fleet.scaleDeployment(7);
    await fleet.untilReplicas(5);
    const status = await fleet.untilStatus('five are accepted', ({ desiredReplicas }) => desiredReplicas === 5);
    expect(status.decisions?.[0]).toMatchObject({ reason: 'ReplicasRequested', to: { replicas: 5 } });
  }, timeoutMs);

  it.each(['ThreadsOnly', 'Off', 'Recommend'])('%s without spec.replicas: left alone, whoever writes, even outside min and max', async (mode) => {
    await fromNine(mode);
    const record = await fleet.recordReplicas();
    await fleet.scaleDeployment(1);
    await fleet.untilStatus('one is taken note of', ({ desiredReplicas }) => desiredReplicas === 1);
    await fleet.scaleDeployment(33);
    const status = await fleet.untilStatus('33 are taken note of', ({ desiredReplicas }) => desiredReplicas === 33);
    expect(condition(status, 'ScalingActive')?.message).toContain('set spec.replicas');
    expect([...new Set(await record.all())]).toEqual([1, 33]);
    record.stop();
  }, timeoutMs);

  it('a number left over from Auto is obeyed once it is written anew', async () => {
    await fromNine('Auto', 3);
    await fleet.apply(scaling('Off', 3));
    const held = await fleet.untilCondition('ScalingActive', 'False', 'ScaleIgnored');
    expect(held.replicasRequest).toEqual({ value: 3, obeyed: false });
    expect(await fleet.replicas()).toBe(nine);
    await fleet.apply(scaling('Off', 4));
    await fleet.untilReplicas(4);
  }, timeoutMs);

  it('mode and number changed together mean the number', async () => {
    await fromNine('Auto');
    await fleet.apply(scaling('Off', 6));
    await fleet.untilReplicas(6);
  }, timeoutMs);

  it.each(modes)('%s: a Deployment that is deleted comes back at the last accepted size, never by way of one pod', async (mode) => {
    await fromNine(mode);
    const record = await fleet.recordReplicas();
    await client.delete(resourceTypes.deployment, { namespace: fleet.namespace, name: fleet.name });
    await fleet.untilReplicas(nine);
    await fleet.untilStatus('nine are accepted', ({ desiredReplicas }) => desiredReplicas === nine);
    await until('the creation has settled', async () => (await fleet.replicaOwners()).join() === 'plateau-scale');
    expect([...new Set(await record.all())]).toEqual([nine]);
    record.stop();
  }, timeoutMs);

  it.each([[undefined, 2], [7, 7]])('an object that is new begins at spec.replicas (%s), else at min', async (number, begins) => {
    const record = await fleet.recordReplicas();
    await fleet.apply(scaling('Auto', number));
    await fleet.untilReplicas(begins);
    await until('the creation has settled', async () => (await fleet.replicaOwners()).join() === 'plateau-scale' && record.seen.length > 0);
    expect([...new Set(await record.all())]).toEqual([begins]);
    record.stop();
  }, timeoutMs);

  it('paused freezes the number in every writer\'s hands, and lets it go again', async () => {
    await fromNine('Off', nine);
    await fleet.apply(scaling('Off', 5), { 'plateau.dev/paused': 'true' });
    await fleet.untilCondition('ScalingActive', 'False', 'Paused');
    expect(await fleet.replicas()).toBe(nine);
    await fleet.scaleDeployment(8);
    await fleet.untilStatus('eight are taken note of', ({ desiredReplicas }) => desiredReplicas === 8);
    // Repair goes on: the template is ours, paused or not.
    await fleet.edit(resourceTypes.deployment, (object) => { Object.assign(object['spec'] as object, { minReadySeconds: 77 }); });
    await until('minReadySeconds is set right', async () => (((await fleet.get(resourceTypes.deployment))['spec'] as { minReadySeconds?: number }).minReadySeconds ?? 0) === 0);
    expect(await fleet.replicas()).toBe(8);
    await fleet.apply(scaling('Off', 5));
    await fleet.untilReplicas(5);
  }, timeoutMs);

  const hpa = (target: object) =>
    client.create(resourceTypes.autoscaler, {
      apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { namespace: fleet.namespace, name: 'other' },
      spec: { minReplicas: 1, maxReplicas: 20, scaleTargetRef: target, metrics: [] },
    }, { fieldManager: 'user' });
  const onDeployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'ranking' };
  const onObject = { apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer', name: 'ranking' };

  it.each([['Auto', onDeployment], ['Auto', onObject], ['ReplicasOnly', onDeployment], ['Off', onDeployment]] as const)('%s with an autoscaler on %j: Plateau keeps its hands off, says so, and resumes', async (mode, target) => {
    await fromNine(mode, mode === 'Off' ? nine : undefined);
    await hpa(target);
    const status = await fleet.untilCondition('ScalingActive', 'False', 'AnotherAutoscaler');
    expect(condition(status, 'ScalingActive')?.message).toContain('HorizontalPodAutoscaler other');
    const record = await fleet.recordReplicas();
    await fleet.scaleDeployment(4, 'horizontal-pod-autoscaler');
    await fleet.untilStatus('four are taken note of', ({ desiredReplicas }) => desiredReplicas === 4);
    expect([...new Set(await record.all())]).toEqual([4]);
    await client.delete(resourceTypes.autoscaler, { namespace: fleet.namespace, name: 'other' });
    await fleet.untilStatus('it is gone', (present) => condition(present, 'ScalingActive')?.reason !== 'AnotherAutoscaler');
    await fleet.untilReplicas(mode === 'Off' ? nine : 4);
    record.stop();
  }, timeoutMs);

  it('an autoscaler on the FeatureServer works through /scale in ThreadsOnly', async () => {
    await fromNine('ThreadsOnly');
    await hpa(onObject);
    const absent = await fleet.untilCondition('ScalingActive', 'True', 'ReplicasAbsent');
    expect(condition(absent, 'ScalingActive')?.message).toContain('set spec.replicas');
    await fleet.apply(scaling('ThreadsOnly', nine));
    await fleet.untilCondition('ScalingActive', 'True', 'ThreadsOnly');
    await cluster().kubectl(['scale', 'featureserver', fleet.name, '--namespace', fleet.namespace, '--replicas=6']);
    await fleet.untilReplicas(6);
  }, timeoutMs);

  it('hands the field over only when another manager owns it too, and never while it is the only owner', async () => {
    await fromNine('Off');
    expect(await fleet.replicaOwners()).toEqual(['plateau-scale']);
    const record = await fleet.recordReplicas();
    await client.apply(resourceTypes.deployment, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: fleet.namespace, name: fleet.name }, spec: { replicas: nine } }, { fieldManager: 'gitops' });
    await until('the other manager owns it alone', async () => (await fleet.replicaOwners()).join() === 'gitops');
    expect(await fleet.replicas()).toBe(nine);
    // The other manager can now write without a conflict.
    await client.apply(resourceTypes.deployment, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: fleet.namespace, name: fleet.name }, spec: { replicas: 8 } }, { fieldManager: 'gitops' });
    await fleet.untilStatus('eight are taken note of', ({ desiredReplicas }) => desiredReplicas === 8);
    expect((await record.all()).filter((seen) => seen !== nine && seen !== 8)).toEqual([]);
    record.stop();
  }, timeoutMs);

  it('a template manager that came to own the number does not take it with it', async () => {
    await fromNine('Off');
    const applied = await fleet.get(resourceTypes.deployment);
    // Somebody applied the number under the name of our template manager, by force.
    const { labels, annotations, ownerReferences } = structuredClone(applied.metadata);
    const metadata = { namespace: fleet.namespace, name: fleet.name, ...(labels && { labels }), ...(annotations && { annotations }), ...(ownerReferences && { ownerReferences }) };
    const spec = { ...(structuredClone(applied['spec']) as object), replicas: 10 };
    await client.apply(resourceTypes.deployment, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, { fieldManager: 'plateau', force: true });
    const record = await fleet.recordReplicas();
    await until('the scale manager owns the number', async () => (await fleet.replicaOwners()).join() === 'plateau-scale');
    expect(await fleet.replicas()).toBe(10);
    expect((await record.all()).filter((seen) => seen !== 10)).toEqual([]);
    record.stop();
  }, timeoutMs);
});
