import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { apiVersion } from '../../../src/api/featureserver.ts';
import { childNames } from '../../../src/api/names.ts';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { childRoles } from '../../../src/core/specs/index.ts';
import { resourceOf } from '../../../src/controllers/featureserver/children.ts';
import { at, recordsAt } from '../../../src/core/featureserver/manifest.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { openClient } from '../crd-client.ts';
import { describeControlPlane } from '../support/describe-kubernetes.ts';
import { Fleet, condition, kstatus, specOf } from './support/fleet.ts';
import { type OperatorProcess, operatorUser, startOperator } from './support/operator-process.ts';
import { until } from './support/until.ts';

const timeoutMs = 120_000;

describeControlPlane('children of a FeatureServer', (cluster) => {
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
  afterEach(async () => {
    if ((await fleet.find(resourceTypes.featureServer)) !== undefined) await client.delete(resourceTypes.featureServer, { namespace: fleet.namespace, name: fleet.name });
  });

  const names = childNames('ranking');
  const full = { networkPolicy: { enabled: true } };

  it('are all made, owned by the object, and no finalizer holds it', async () => {
    await fleet.apply(specOf(full));
    await fleet.untilReplicas(2);
    await until('the policy is there', () => fleet.find(resourceTypes.networkPolicy));
    const { uid } = (await fleet.get()).metadata;
    for (const role of childRoles) {
      const child = await fleet.get(resourceOf(role), names[role]);
      expect(child.metadata.ownerReferences).toEqual([expect.objectContaining({ apiVersion, kind: 'FeatureServer', uid, controller: true })]);
    }
    expect((await fleet.get()).metadata.finalizers ?? []).toEqual([]);
  }, timeoutMs);

  it('are set right where somebody changed what is ours, and keep what is not', async () => {
    await fleet.apply(specOf(full));
    await fleet.untilReplicas(2);
    const service = await until('the Service is there', () => fleet.find(resourceTypes.service));
    const target = recordsAt(service, 'spec', 'ports')[0]?.['targetPort'];
    await fleet.edit(resourceTypes.service, (object) => {
      object.metadata.labels = { ...object.metadata.labels, team: 'search' };
      Object.assign(recordsAt(object, 'spec', 'ports')[0] ?? {}, { targetPort: 1 });
    });
    await until('the port is set right', async () => recordsAt(await fleet.get(resourceTypes.service), 'spec', 'ports')[0]?.['targetPort'] === target);
    expect((await fleet.get(resourceTypes.service)).metadata.labels).toMatchObject({ team: 'search' });
    await fleet.edit(resourceTypes.deployment, (object) => {
      const template = at(object, 'spec', 'template') as { metadata: { annotations?: Record<string, string> }; spec: { containers: Record<string, unknown>[] } };
      template.metadata.annotations = { ...template.metadata.annotations, 'kubectl.kubernetes.io/restartedAt': 'now' };
      template.spec.containers[0] = { ...template.spec.containers[0], image: 'evil.example.org/other:1' };
    });
    await until('the image is set right', async () => recordsAt(await fleet.get(resourceTypes.deployment), 'spec', 'template', 'spec', 'containers')[0]?.['image'] === 'example.org/server:1');
    expect(at(await fleet.get(resourceTypes.deployment), 'spec', 'template', 'metadata', 'annotations')).toMatchObject({ 'kubectl.kubernetes.io/restartedAt': 'now' });
    await client.delete(resourceTypes.configMap, { namespace: fleet.namespace, name: names.poolConfig });
    await until('the ConfigMap is back', () => fleet.find(resourceTypes.configMap, names.poolConfig));
    const events = await client.list(resourceTypes.event, { namespace: fleet.namespace });
    expect(events.items.map(({ reason }) => reason)).toContain('Repaired');
  }, timeoutMs);

  it('a Service whose ports somebody replaced by one without a name is told of, and repaired once that port is named', async () => {
    await fleet.apply(specOf());
    await until('the Service is there', () => fleet.find(resourceTypes.service));
    const setPorts = (port: Record<string, unknown>) => fleet.edit(resourceTypes.service, (object) => { Object.assign(object['spec'] ?? {}, { ports: [port] }); });
    await setPorts({ port: 9_999 });
    const status = await fleet.untilCondition('Stalled', 'True', 'InvalidSpec');
    expect(status.conditions?.find(({ type }) => type === 'Stalled')?.message).toMatch(/spec\.ports\[\d\]\.name: Required value/u);
    await setPorts({ name: 'theirs', port: 9_999 });
    await until('ours are back beside it', async () => recordsAt(await fleet.get(resourceTypes.service), 'spec', 'ports').length > 1);
    await fleet.untilStatus('nothing is in the way', ({ conditions }) => conditions?.find(({ type }) => type === 'Stalled')?.status === 'False');
  }, timeoutMs);

  it('go when the spec asks for them no longer', async () => {
    await fleet.apply(specOf(full));
    await until('the policy is there', () => fleet.find(resourceTypes.networkPolicy));
    await fleet.apply(specOf());
    await until('the policy is gone', async () => (await fleet.find(resourceTypes.networkPolicy)) === undefined);
  }, timeoutMs);

  it.each([
    ['nobody', []],
    ['somebody else', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '00000000-0000-0000-0000-000000000001', controller: true }]],
  ])('of our name that belong to %s are never taken over silently', async (_owner, ownerReferences) => {
    const foreign = { apiVersion: 'v1', kind: 'Service', metadata: { namespace: fleet.namespace, name: fleet.name, ownerReferences }, spec: { ports: [{ port: 80 }] } };
    await client.create(resourceTypes.service, foreign, { fieldManager: 'other' });
    await fleet.apply(specOf());
    const status = await fleet.untilCondition('Stalled', 'True', 'NameTaken');
    expect(condition(status, 'Stalled')?.message).toContain('Service ranking exists already');
    expect(kstatus(await fleet.get())).toBe('Failed');
    expect(recordsAt(await fleet.get(resourceTypes.service), 'spec', 'ports')[0]?.['port']).toBe(80);
    await client.delete(resourceTypes.service, { namespace: fleet.namespace, name: fleet.name });
    await fleet.untilStatus('the name is free', (present) => condition(present, 'Stalled')?.status === 'False');
  }, timeoutMs);

  it('are not touched any more once the object is being deleted', async () => {
    await fleet.apply(specOf());
    await fleet.untilReplicas(2);
    await fleet.edit(resourceTypes.featureServer, (object) => { object.metadata.finalizers = ['example.org/hold']; });
    await client.delete(resourceTypes.featureServer, { namespace: fleet.namespace, name: fleet.name });
    const object = await fleet.get();
    expect(kstatus(object)).toBe('Terminating');
    // A watch tells in order: an operator that knows of a later change knows of the deletion. The Service's watch is another one and may be ahead.
    await fleet.apply(specOf({ objective: { p95: '77ms' } }));
    await until('the operator has seen it', async () => (await (await fetch(`${operator.url}/api/fleets/${fleet.namespace}/${fleet.name}`)).text()).includes('77'));
    const looked = await operator.metric('controller_runtime_reconcile_total');
    await client.delete(resourceTypes.service, { namespace: fleet.namespace, name: fleet.name });
    await until('the loss was looked at', async () => (await operator.metric('controller_runtime_reconcile_total')) > looked);
    expect(await fleet.find(resourceTypes.service)).toBeUndefined();
    await fleet.edit(resourceTypes.featureServer, (held) => { held.metadata.finalizers = []; });
  }, timeoutMs);
});
