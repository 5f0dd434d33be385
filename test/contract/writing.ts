/**
 * The contract of create, replace, delete and the subresources.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { at, fieldsOf, listOf } from '../../src/local/apiserver/json.ts';
import { configMap, configMaps, deployment, deployments, leases, pod, pods, service, services } from './objects.ts';
import { call, must, newNamespace, watch, type Json, type Subject } from './subject.ts';

const metaOf = (object: Json): Json => fieldsOf(object['metadata']);
const mergePatch = { contentType: 'application/merge-patch+json' };

const createCases = (subject: () => Subject): void => {
  it('sets uid, resourceVersion, creationTimestamp, generation and the manager', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', `${deployments(namespace)}?fieldManager=me`, { body: deployment('a') });
    expect(metaOf(created)).toMatchObject({
      uid: expect.any(String),
      resourceVersion: expect.stringMatching(/^\d+$/u),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u),
      generation: 1,
      managedFields: [{ manager: 'me', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' }],
    });
  });

  it('takes the manager from User-Agent when none is named', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', configMaps(namespace), { body: configMap('a', { k: 'v' }), userAgent: 'some-tool/2.1 (x)' });
    expect(at(listOf(metaOf(created)['managedFields'])[0], 'manager')).toBe('some-tool');
  });

  it('makes up a name from generateName', async () => {
    const namespace = await newNamespace(subject());
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } };
    const created = await must(subject(), 'POST', configMaps(namespace), { body });
    expect(metaOf(created)['name']).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/u);
  });

  it('refuses a second object of the same name', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('a') });
    const { code, body } = await call(subject(), 'POST', configMaps(namespace), { body: configMap('a') });
    expect({ code, reason: body['reason'] }).toEqual({ code: 409, reason: 'AlreadyExists' });
  });

  it('refuses an object in a namespace that does not exist', async () => {
    const { code, body } = await call(subject(), 'POST', configMaps('no-such-namespace'), { body: configMap('a') });
    expect(code).toBe(404);
    expect(body).toMatchObject({ details: { name: 'no-such-namespace', kind: 'namespaces' } });
  });

  it('refuses a namespace in the body that is not the one of the URL', async () => {
    const namespace = await newNamespace(subject());
    expect((await call(subject(), 'POST', configMaps(namespace), { body: configMap('a', {}, { namespace: 'other' }) })).code).toBe(400);
  });

  it('refuses names and labels that are none', async () => {
    const namespace = await newNamespace(subject());
    const name = await call(subject(), 'POST', configMaps(namespace), { body: configMap('Not_a_name') });
    expect(name.code).toBe(422);
    expect(name.body).toMatchObject({ reason: 'Invalid', details: { causes: [{ field: 'metadata.name' }] } });
    expect((await call(subject(), 'POST', configMaps(namespace), { body: configMap('a', {}, { labels: { 'a b': 'c' } }) })).code).toBe(422);
  });

  it('refuses a body that is not JSON with 400', async () => {
    const namespace = await newNamespace(subject());
    const { code, body } = await call(subject(), 'POST', configMaps(namespace), { raw: '{"metadata":' });
    expect({ code, reason: body['reason'] }).toEqual({ code: 400, reason: 'BadRequest' });
  });

  it('writes nothing in a dry run', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', `${configMaps(namespace)}?dryRun=All`, { body: configMap('a') });
    expect((await call(subject(), 'GET', configMaps(namespace, 'a'))).code).toBe(404);
  });

  it('refuses, warns of or drops fields it does not know, as fieldValidation says', async () => {
    const namespace = await newNamespace(subject());
    const body = { ...deployment('a'), spec: { ...fieldsOf(deployment('a')['spec']), replics: 2 } };
    const strict = await call(subject(), 'POST', `${deployments(namespace)}?fieldValidation=Strict`, { body });
    expect(strict.code).toBe(400);
    expect(strict.body['message']).toContain('unknown field "spec.replics"');
    const warned = await call(subject(), 'POST', `${deployments(namespace)}?fieldValidation=Warn`, { body });
    expect(warned.code).toBe(201);
    expect(warned.warnings).toContain('unknown field');
    expect(at(warned.body, 'spec', 'replics')).toBeUndefined();
  });
};

const replaceCases = (subject: () => Subject): void => {
  it('refuses an outdated resourceVersion', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', configMaps(namespace), { body: configMap('a') });
    await must(subject(), 'PUT', configMaps(namespace, 'a'), { body: { ...created, data: { k: '1' } } });
    const { code, body } = await call(subject(), 'PUT', configMaps(namespace, 'a'), { body: { ...created, data: { k: '2' } } });
    expect({ code, reason: body['reason'] }).toEqual({ code: 409, reason: 'Conflict' });
  });

  it('keeps the resourceVersion when nothing changes', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', deployments(namespace), { body: deployment('a') });
    const again = await must(subject(), 'PUT', deployments(namespace, 'a'), { body: created });
    expect(metaOf(again)['resourceVersion']).toBe(metaOf(created)['resourceVersion']);
    const patched = await must(subject(), 'PATCH', deployments(namespace, 'a'), { body: { spec: { replicas: 1 } }, ...mergePatch });
    expect(metaOf(patched)['resourceVersion']).toBe(metaOf(created)['resourceVersion']);
  });

  it('counts a generation for a change of spec, not for labels or status', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', deployments(namespace), { body: deployment('a') });
    const patch = (suffix: string, body: Json): Promise<Json> => must(subject(), 'PATCH', deployments(namespace, `a${suffix}`), { body, ...mergePatch });
    expect(metaOf(await patch('', { metadata: { labels: { x: 'y' } } }))['generation']).toBe(1);
    expect(metaOf(await patch('/status', { status: { replicas: 3 } }))['generation']).toBe(1);
    expect(metaOf(await patch('', { spec: { replicas: 3 } }))['generation']).toBe(2);
  });

  it('keeps status out of the main resource and spec out of /status', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', deployments(namespace), { body: deployment('a') });
    await must(subject(), 'PATCH', deployments(namespace, 'a/status'), { body: { spec: { replicas: 7 }, status: { replicas: 2 } }, ...mergePatch });
    const main = await must(subject(), 'PATCH', deployments(namespace, 'a'), { body: { spec: { replicas: 4 }, status: { replicas: 9 } }, ...mergePatch });
    expect(main).toMatchObject({ spec: { replicas: 4 }, status: { replicas: 2 } });
  });

  it('serves and obeys scale', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', deployments(namespace), { body: deployment('a', {}, { replicas: 2 }) });
    const scale = await must(subject(), 'GET', deployments(namespace, 'a/scale'));
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 }, status: { replicas: 0, selector: 'app=a' } });
    await must(subject(), 'PUT', deployments(namespace, 'a/scale'), { body: { ...scale, spec: { replicas: 5 } } });
    expect(await must(subject(), 'GET', deployments(namespace, 'a'))).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } });
    expect((await call(subject(), 'PUT', deployments(namespace, 'a/scale'), { body: { ...scale, spec: { replicas: 6 } } })).code).toBe(409);
    const patched = await must(subject(), 'PATCH', deployments(namespace, 'a/scale'), { body: { spec: { replicas: 1 } }, ...mergePatch });
    expect(patched).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
  });
};

const deleteCases = (subject: () => Subject): void => {
  it('deletes, and says 404 the second time', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('a') });
    expect(await must(subject(), 'DELETE', configMaps(namespace, 'a'))).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'a' } });
    expect((await call(subject(), 'DELETE', configMaps(namespace, 'a'))).code).toBe(404);
  });

  it('deletes only the object with the given uid', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('a') });
    const { code } = await call(subject(), 'DELETE', configMaps(namespace, 'a'), { body: { preconditions: { uid: 'another' } } });
    expect(code).toBe(409);
    expect((await call(subject(), 'GET', configMaps(namespace, 'a'))).code).toBe(200);
  });

  it('waits for finalizers', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('a', {}, { finalizers: ['example.com/hold'] }) });
    await must(subject(), 'DELETE', configMaps(namespace, 'a'));
    const held = await must(subject(), 'GET', configMaps(namespace, 'a'));
    expect(metaOf(held)).toMatchObject({ deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 0 });
    await must(subject(), 'PATCH', configMaps(namespace, 'a'), { body: { metadata: { finalizers: null } }, ...mergePatch });
    expect((await call(subject(), 'GET', configMaps(namespace, 'a'))).code).toBe(404);
  });

  it('marks an owner that waits for its dependents', async () => {
    const namespace = await newNamespace(subject());
    const owner = await must(subject(), 'POST', configMaps(namespace), { body: configMap('owner', {}, { finalizers: ['example.com/hold'] }) });
    await must(subject(), 'DELETE', configMaps(namespace, 'owner'), { body: { propagationPolicy: 'Foreground' } });
    const held = await must(subject(), 'GET', configMaps(namespace, 'owner'));
    expect(metaOf(held)['uid']).toBe(metaOf(owner)['uid']);
    expect(metaOf(held)['deletionTimestamp']).toEqual(expect.any(String));
  });

  it('deletes a collection by selector', async () => {
    const namespace = await newNamespace(subject());
    for (const name of ['a', 'b', 'c']) {
      await must(subject(), 'POST', configMaps(namespace), { body: configMap(name, {}, { labels: { keep: name === 'c' ? 'yes' : 'no' } }) });
    }
    await must(subject(), 'DELETE', `${configMaps(namespace)}?labelSelector=keep%3Dno`);
    const left = await must(subject(), 'GET', configMaps(namespace));
    expect(listOf(left['items']).map((item) => at(item, 'metadata', 'name'))).toEqual(['c']);
  });
};

const podCases = (subject: () => Subject): void => {
  it('gives a pod its defaults and its first status', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', pods(namespace), { body: pod('p', { nodeName: 'local' }) });
    expect(created).toMatchObject({
      metadata: { generation: 1 },
      spec: {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 30,
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        containers: [{ imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', resources: {} }],
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
  });

  it('removes a pod that no node has at once', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', pods(namespace), { body: pod('p') });
    await must(subject(), 'DELETE', pods(namespace, 'p'));
    expect((await call(subject(), 'GET', pods(namespace, 'p'))).code).toBe(404);
  });

  it('keeps a pod on a node until its kubelet deletes it without grace', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', pods(namespace), { body: pod('p', { nodeName: 'local', terminationGracePeriodSeconds: 7 }) });
    await must(subject(), 'DELETE', pods(namespace, 'p'));
    const leaving = await must(subject(), 'GET', pods(namespace, 'p'));
    expect(metaOf(leaving)).toMatchObject({ deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 7 });
    const body = { gracePeriodSeconds: 0, preconditions: { uid: metaOf(leaving)['uid'] } };
    await must(subject(), 'DELETE', pods(namespace, 'p'), { body });
    expect((await call(subject(), 'GET', pods(namespace, 'p'))).code).toBe(404);
  });

  it('refuses to change what a running pod is made of', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', pods(namespace), { body: pod('p') });
    const change = { spec: { restartPolicy: 'Never' } };
    const { code, body } = await call(subject(), 'PATCH', pods(namespace, 'p'), { body: change, ...mergePatch });
    expect({ code, reason: body['reason'] }).toEqual({ code: 422, reason: 'Invalid' });
    const image = { spec: { containers: [{ name: 'server', image: 'example/server:2' }] } };
    await must(subject(), 'PATCH', pods(namespace, 'p'), { body: image, contentType: 'application/strategic-merge-patch+json' });
  });
};

const kindCases = (subject: () => Subject): void => {
  it.each([
    ['a selector that is missing', { selector: undefined }, 'spec.selector'],
    ['a selector that selects other pods', { selector: { matchLabels: { app: 'other' } } }, 'spec.template.metadata.labels'],
    ['negative replicas', { replicas: -1 }, 'spec.replicas'],
  ])('refuses a Deployment with %s', async (_what, spec, field) => {
    const namespace = await newNamespace(subject());
    const { code, body } = await call(subject(), 'POST', deployments(namespace), { body: deployment('a', {}, spec) });
    expect(code).toBe(422);
    expect(listOf(at(body, 'details', 'causes')).map((cause) => at(cause, 'field'))).toContain(field);
  });

  it('keeps the selector of a Deployment', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', deployments(namespace), { body: deployment('a') });
    const labels = { app: 'b' };
    const spec = { ...fieldsOf(created['spec']), selector: { matchLabels: labels }, template: { ...fieldsOf(at(created, 'spec', 'template')), metadata: { labels } } };
    const { code, body } = await call(subject(), 'PUT', deployments(namespace, 'a'), { body: { ...created, spec } });
    expect(code).toBe(422);
    expect(body).toMatchObject({ details: { causes: [{ field: 'spec.selector', message: expect.stringContaining('field is immutable') }] } });
  });

  it('refuses values of the wrong type with 400', async () => {
    const namespace = await newNamespace(subject());
    expect((await call(subject(), 'POST', deployments(namespace), { body: deployment('a', {}, { replicas: 'two' }) })).code).toBe(400);
  });

  it('takes only six digits of a second in a Lease', async () => {
    const namespace = await newNamespace(subject());
    const lease = (renewTime: string): Json => ({ metadata: { name: 'l' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime } });
    expect((await call(subject(), 'POST', leases(namespace), { body: lease('2026-01-01T00:00:00.000Z') })).code).toBe(400);
    await must(subject(), 'POST', leases(namespace), { body: lease('2026-01-01T00:00:00.000000Z') });
    const bad = { metadata: { name: 'm' }, spec: { leaseDurationSeconds: 0 } };
    expect((await call(subject(), 'POST', leases(namespace), { body: bad })).code).toBe(422);
  });

  it('gives a Service an address, and keeps it when the manifest is sent again', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', services(namespace), { body: service('s') });
    const address = at(created, 'spec', 'clusterIP');
    expect(address).toMatch(/^10\./u);
    expect(created).toMatchObject({ spec: { type: 'ClusterIP', sessionAffinity: 'None', ports: [{ protocol: 'TCP', targetPort: 80 }] } });
    const again = await must(subject(), 'PUT', services(namespace, 's'), { body: service('s') });
    expect(at(again, 'spec', 'clusterIP')).toBe(address);
    expect((await call(subject(), 'PATCH', services(namespace, 's'), { body: { spec: { clusterIP: '10.0.0.250', clusterIPs: ['10.0.0.250'] } }, ...mergePatch })).code).toBe(422);
  });

  it('stores the plain text of a Secret encoded', async () => {
    const namespace = await newNamespace(subject());
    const body = { metadata: { name: 's' }, stringData: { token: 'abc' } };
    const created = await must(subject(), 'POST', `/api/v1/namespaces/${namespace}/secrets`, { body });
    expect(created).toMatchObject({ type: 'Opaque', data: { token: 'YWJj' } });
    expect(created['stringData']).toBeUndefined();
  });

  it('shows one event in both of its versions', async () => {
    const namespace = await newNamespace(subject());
    const newer = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const regarding = { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace };
    const event = {
      metadata: { name: 'e' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'example.com/operator',
      reportingInstance: 'operator-1',
      action: 'Test',
      reason: 'Tested',
      regarding,
      note: 'a note',
      type: 'Normal',
    };
    expect((await call(subject(), 'POST', newer, { body: { ...event, action: undefined } })).code).toBe(422);
    const created = await must(subject(), 'POST', newer, { body: event });
    expect(created).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'Event', note: 'a note', regarding });
    const core = await must(subject(), 'GET', `/api/v1/namespaces/${namespace}/events/e`);
    expect(core).toMatchObject({ apiVersion: 'v1', kind: 'Event', message: 'a note', involvedObject: regarding, reportingComponent: 'example.com/operator' });
    const series = { series: { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' } };
    await must(subject(), 'PATCH', `${newer}/e`, { body: series, ...mergePatch });
    expect(await must(subject(), 'GET', `${newer}/e`)).toMatchObject(series);
    await must(subject(), 'DELETE', `${newer}/e`);
    expect((await call(subject(), 'GET', `/api/v1/namespaces/${namespace}/events/e`)).code).toBe(404);
  });

  it('answers 404 for kinds it does not serve', async () => {
    expect((await call(subject(), 'GET', '/apis/example.com/v1/things')).code).toBe(404);
  });
};

/** What kube-controller-manager does on a real cluster; a bare API server has none. */
const collectionCases = (subject: () => Subject): void => {
  const owned = async (): Promise<readonly [string, Json]> => {
    const namespace = await newNamespace(subject());
    const owner = await must(subject(), 'POST', configMaps(namespace), { body: configMap('owner') });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metaOf(owner)['uid'], blockOwnerDeletion: true };
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('child', {}, { ownerReferences: [reference] }) });
    return [namespace, owner];
  };
  const gone = async (namespace: string, name: string): Promise<void> => {
    const open = await watch(subject(), `${configMaps(namespace)}?watch=true&fieldSelector=metadata.name%3D${name}`);
    if ((await call(subject(), 'GET', configMaps(namespace, name))).code !== 404) await open.until(({ type }) => type === 'DELETED');
    open.close();
  };

  it('collects the dependents of a deleted owner', async () => {
    const [namespace] = await owned();
    await must(subject(), 'DELETE', configMaps(namespace, 'owner'));
    await gone(namespace, 'child');
  });

  it('deletes dependents first in the foreground', async () => {
    const [namespace] = await owned();
    const reply = await must(subject(), 'DELETE', configMaps(namespace, 'owner'), { body: { propagationPolicy: 'Foreground' } });
    expect(metaOf(reply)).toMatchObject({ finalizers: ['foregroundDeletion'] });
    await gone(namespace, 'child');
    await gone(namespace, 'owner');
  });

  it('leaves orphans when told to', async () => {
    const [namespace] = await owned();
    await must(subject(), 'DELETE', configMaps(namespace, 'owner'), { body: { propagationPolicy: 'Orphan' } });
    await gone(namespace, 'owner');
    expect(metaOf(await must(subject(), 'GET', configMaps(namespace, 'child')))['ownerReferences'] ?? []).toEqual([]);
  });
};

/** Cases about writing. */
export const writingContract = (subject: () => Subject, options: { readonly collectsGarbage: boolean }): void => {
  describe('create', () => createCases(subject));
  describe('update', () => replaceCases(subject));
  describe('delete', () => deleteCases(subject));
  describe('pods', () => podCases(subject));
  describe('kinds', () => kindCases(subject));
  if (options.collectsGarbage) describe('garbage collection', () => collectionCases(subject));
};
