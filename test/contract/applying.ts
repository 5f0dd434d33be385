/**
 * The contract of server-side apply and of the patches.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { at, fieldsOf, listOf } from '../../src/local/apiserver/json.ts';
import { configMap, configMaps, deployment, deployments, service, services } from './objects.ts';
import { apply, call, must, mustApply, newNamespace, type Json, type Subject } from './subject.ts';

const metaOf = (object: Json): Json => fieldsOf(object['metadata']);
const managersOf = (object: Json): readonly Json[] => listOf(metaOf(object)['managedFields']).map(fieldsOf);
const fieldsOfManager = (object: Json, manager: string): unknown => managersOf(object).find((entry) => entry['manager'] === manager)?.['fieldsV1'];
const conflictsIn = (body: Json): readonly unknown[] => listOf(at(body, 'details', 'causes')).map((cause) => at(cause, 'field'));
const container = (object: Json): Json => fieldsOf(listOf(at(object, 'spec', 'template', 'spec', 'containers'))[0]);
const partial = (name: string, spec: Json): Json => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec });
const mergePatch = { contentType: 'application/merge-patch+json' };
const strategic = { contentType: 'application/strategic-merge-patch+json' };

const ownershipCases = (subject: () => Subject): void => {
  it('creates with exactly the sent fields owned', async () => {
    const namespace = await newNamespace(subject());
    const created = await mustApply(subject(), deployments(namespace, 'a'), 'one', deployment('a', { ports: [{ containerPort: 80 }] }));
    expect(managersOf(created)).toMatchObject([{ manager: 'one', operation: 'Apply', apiVersion: 'apps/v1' }]);
    expect(fieldsOfManager(created, 'one')).toEqual({
      'f:spec': {
        'f:selector': {},
        'f:template': {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"server"}': {
                '.': {},
                'f:image': {},
                'f:name': {},
                'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
              },
            },
          },
        },
      },
    });
  });

  it('writes nothing when the same is applied twice', async () => {
    const namespace = await newNamespace(subject());
    const body = deployment('a', { ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] });
    const first = await mustApply(subject(), deployments(namespace, 'a'), 'one', body);
    const second = await mustApply(subject(), deployments(namespace, 'a'), 'one', body);
    expect(metaOf(second)['resourceVersion']).toBe(metaOf(first)['resourceVersion']);
    expect(metaOf(second)['managedFields']).toEqual(metaOf(first)['managedFields']);
  });

  it('refuses a field that another manager owns with another value, and takes it by force', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a', {}, { replicas: 2 }));
    const { code, body } = await apply(subject(), path, 'two', deployment('a', { image: 'example/server:2' }, { replicas: 3 }));
    expect({ code, reason: body['reason'] }).toEqual({ code: 409, reason: 'Conflict' });
    expect(new Set(conflictsIn(body))).toEqual(new Set(['.spec.replicas', '.spec.template.spec.containers[name="server"].image']));
    expect(body['message']).toMatch(/^Apply failed with 2 conflicts: conflicts with "one":\n- \.spec/u);
    const forced = await mustApply(subject(), path, 'two', partial('a', { replicas: 3 }), true);
    expect(at(forced, 'spec', 'replicas')).toBe(3);
    expect(at(fieldsOfManager(forced, 'one'), 'f:spec', 'f:replicas')).toBeUndefined();
    expect(fieldsOfManager(forced, 'two')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  it('shares a field between managers that send the same value', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a', {}, { replicas: 2 }));
    await mustApply(subject(), path, 'two', partial('a', { replicas: 2 }));
    const handedOver = await mustApply(subject(), path, 'one', deployment('a'));
    expect(at(handedOver, 'spec', 'replicas')).toBe(2);
  });

  it('removes a field that its only owner stops sending; a default then stands in', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a', { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }, { replicas: 4, minReadySeconds: 5 }));
    const less = await mustApply(subject(), path, 'one', deployment('a', { env: [{ name: 'B', value: '2' }] }));
    expect(at(less, 'spec', 'replicas')).toBe(1);
    expect(at(less, 'spec', 'minReadySeconds') ?? 0).toBe(0);
    expect(container(less)['env']).toEqual([{ name: 'B', value: '2' }]);
  });

  it('takes a manager off the list that sends nothing more', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a'));
    await mustApply(subject(), path, 'scale', partial('a', { replicas: 3 }));
    const left = await mustApply(subject(), path, 'scale', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } });
    expect(managersOf(left).map(({ manager }) => manager)).toEqual(['one']);
    expect(at(left, 'spec', 'replicas')).toBe(1);
  });

  it('lets an update take fields from appliers, and reports the conflict to them', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a', {}, { replicas: 2 }));
    const patched = await must(subject(), 'PATCH', `${path}?fieldManager=editor`, { body: { spec: { replicas: 5 } }, ...mergePatch });
    expect(managersOf(patched).map(({ manager, operation }) => [manager, operation])).toEqual([['one', 'Apply'], ['editor', 'Update']]);
    expect(fieldsOfManager(patched, 'editor')).toEqual({ 'f:spec': { 'f:replicas': {} } });
    const { code, body } = await apply(subject(), path, 'one', deployment('a', {}, { replicas: 2 }));
    expect(code).toBe(409);
    expect(body['message']).toContain('conflict with "editor" using apps/v1');
  });

  it('records what a create owns', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', `${configMaps(namespace)}?fieldManager=me`, { body: configMap('a', { k: 'v' }, { labels: { x: 'y' } }) });
    expect(fieldsOfManager(created, 'me')).toEqual({ 'f:data': { '.': {}, 'f:k': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } } });
  });

  it('applies status through its own door, with an entry of its own', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a', {}, { replicas: 2 }));
    const conditions = [{ type: 'Available', status: 'True', reason: 'R', message: 'M' }];
    const status = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, status: { replicas: 2, conditions } };
    const applied = await mustApply(subject(), `${path}/status`, 'two', status);
    expect(applied).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2 }, metadata: { generation: 1 } });
    const entry = managersOf(applied).find(({ manager }) => manager === 'two');
    expect(entry).toMatchObject({ operation: 'Apply', subresource: 'status' });
    expect(at(fieldsOfManager(applied, 'two'), 'f:status', 'f:conditions', 'k:{"type":"Available"}', 'f:reason')).toEqual({});
    const main = await mustApply(subject(), path, 'one', { ...deployment('a', {}, { replicas: 2 }), status: { replicas: 9 } });
    expect(at(main, 'status', 'replicas')).toBe(2);
  });

  it('is conditional when a resourceVersion is sent', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    const first = await mustApply(subject(), path, 'one', deployment('a'));
    await mustApply(subject(), path, 'two', partial('a', { replicas: 3 }));
    const stale = { ...partial('a', { replicas: 4 }), metadata: { name: 'a', resourceVersion: metaOf(first)['resourceVersion'] } };
    const { code, body } = await apply(subject(), path, 'two', stale);
    expect({ code, reason: body['reason'] }).toEqual({ code: 409, reason: 'Conflict' });
  });

  it('needs a fieldManager, and no managedFields in the body', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    expect((await call(subject(), 'PATCH', path, { body: deployment('a'), contentType: 'application/apply-patch+yaml' })).code).toBeGreaterThanOrEqual(400);
    const created = await mustApply(subject(), path, 'one', deployment('a'));
    expect((await apply(subject(), path, 'one', created)).code).toBe(400);
  });

  it('reads YAML', async () => {
    const namespace = await newNamespace(subject());
    const raw = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: v\n';
    const reply = await call(subject(), 'PATCH', `${configMaps(namespace, 'a')}?fieldManager=one`, { raw, contentType: 'application/apply-patch+yaml' });
    expect(reply.code).toBe(201);
    expect(reply.body).toMatchObject({ data: { k: 'v' } });
  });
};

const listCases = (subject: () => Subject): void => {
  it('merges containers, ports, env and mounts by their keys', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    const mine = {
      ports: [{ containerPort: 80, name: 'web' }],
      env: [{ name: 'A', value: '1' }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    };
    const volumes = [{ name: 'v', emptyDir: {} }, { name: 'w', emptyDir: {} }];
    const own = deployment('a', mine);
    const template = fieldsOf(at(own, 'spec', 'template'));
    const withVolumes = { ...template, spec: { ...fieldsOf(template['spec']), volumes } };
    await mustApply(subject(), path, 'one', { ...own, spec: { ...fieldsOf(own['spec']), template: withVolumes } });
    const theirs = {
      name: 'server',
      ports: [{ containerPort: 80, protocol: 'UDP', name: 'udp' }, { containerPort: 81, name: 'admin' }],
      env: [{ name: 'B', value: '2' }],
      volumeMounts: [{ name: 'w', mountPath: '/w' }],
    };
    const spec = { template: { spec: { containers: [theirs, { name: 'sidecar', image: 'example/sidecar:1' }] } } };
    const merged = await mustApply(subject(), path, 'two', partial('a', spec));
    const names = listOf(at(merged, 'spec', 'template', 'spec', 'containers')).map((item) => at(item, 'name'));
    expect(names).toEqual(['server', 'sidecar']);
    const first = container(merged);
    expect(listOf(first['ports']).map((port) => [at(port, 'containerPort'), at(port, 'protocol')])).toEqual([[80, 'TCP'], [80, 'UDP'], [81, 'TCP']]);
    expect(listOf(first['env']).map((item) => at(item, 'name'))).toEqual(['A', 'B']);
    expect(listOf(first['volumeMounts']).map((item) => at(item, 'mountPath'))).toEqual(['/v', '/w']);
    const without = await mustApply(subject(), path, 'two', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } });
    expect(listOf(at(without, 'spec', 'template', 'spec', 'containers')).map((item) => at(item, 'name'))).toEqual(['server']);
    expect(listOf(container(without)['ports'])).toHaveLength(1);
  });

  it('merges the ports of a Service by port and protocol', async () => {
    const namespace = await newNamespace(subject());
    await mustApply(subject(), services(namespace, 's'), 'one', service('s'));
    const more = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ name: 'admin', port: 9100, protocol: 'TCP' }] } };
    const merged = await mustApply(subject(), services(namespace, 's'), 'two', more);
    expect(listOf(at(merged, 'spec', 'ports')).map((port) => at(port, 'port'))).toEqual([80, 9100]);
  });

  it('merges finalizers as a set and owner references by uid', async () => {
    const namespace = await newNamespace(subject());
    const path = configMaps(namespace, 'a');
    const owner = (uid: string): Json => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid });
    const body = (finalizer: string, uid: string): Json => configMap('a', {}, { finalizers: [finalizer], ownerReferences: [owner(uid)] });
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('o') });
    const uid = String(metaOf(await must(subject(), 'GET', configMaps(namespace, 'o')))['uid']);
    await mustApply(subject(), path, 'one', body('example.com/one', uid));
    const merged = await mustApply(subject(), path, 'two', configMap('a', {}, { finalizers: ['example.com/two'] }));
    expect(metaOf(merged)['finalizers']).toEqual(['example.com/one', 'example.com/two']);
    const left = await mustApply(subject(), path, 'one', configMap('a', {}, {}));
    expect(metaOf(left)['finalizers']).toEqual(['example.com/two']);
    expect(listOf(metaOf(left)['ownerReferences'])).toEqual([]);
  });

  it('replaces an atomic list and an atomic map whole', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    await mustApply(subject(), path, 'one', deployment('a', { command: ['a', 'b'] }));
    const { code, body } = await apply(subject(), path, 'two', deployment('a', { command: ['c'] }));
    expect(code).toBe(409);
    expect(conflictsIn(body)).toEqual(['.spec.template.spec.containers[name="server"].command']);
    const forced = await mustApply(subject(), path, 'two', deployment('a', { command: ['c'] }), true);
    expect(container(forced)['command']).toEqual(['c']);
  });

  it('refuses two items of one key', async () => {
    const namespace = await newNamespace(subject());
    const twice = deployment('a', { env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] });
    expect((await apply(subject(), deployments(namespace, 'a'), 'one', twice)).code).toBeGreaterThanOrEqual(400);
  });

  it('keeps the order of the applier, foreign items beside it', async () => {
    const namespace = await newNamespace(subject());
    const path = deployments(namespace, 'a');
    const env = (...names: string[]): Json => ({ env: names.map((name) => ({ name, value: 'x' })) });
    await mustApply(subject(), path, 'one', deployment('a', env('A', 'B', 'C')));
    await mustApply(subject(), path, 'two', partial('a', { template: { spec: { containers: [{ name: 'server', ...env('Z') }] } } }));
    const reordered = await mustApply(subject(), path, 'one', deployment('a', env('C', 'A', 'D')));
    expect(listOf(container(reordered)['env']).map((item) => at(item, 'name'))).toEqual(['C', 'Z', 'A', 'D']);
  });
};

const patchCases = (subject: () => Subject): void => {
  const start = async (spec: Json = {}): Promise<readonly [string, Json]> => {
    const namespace = await newNamespace(subject());
    const first = { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] };
    return [deployments(namespace, 'a'), await must(subject(), 'POST', deployments(namespace), { body: deployment('a', first, spec) })];
  };
  const inContainer = (fields: Json): Json => ({ spec: { template: { spec: { containers: [{ name: 'server', ...fields }] } } } });

  it('merges objects and replaces lists with a merge patch', async () => {
    const [path] = await start();
    const labels = await must(subject(), 'PATCH', path, { body: { metadata: { labels: { a: 'b' } }, spec: { minReadySeconds: 3 } }, ...mergePatch });
    expect(labels).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: { minReadySeconds: 3 } });
    const removed = await must(subject(), 'PATCH', path, { body: { metadata: { labels: null } }, ...mergePatch });
    expect(metaOf(removed)['labels']).toBeUndefined();
    expect((await call(subject(), 'PATCH', path, { body: inContainer({ env: [] }), ...mergePatch })).code).toBe(422);
  });

  it('applies the operations of a JSON patch', async () => {
    const [path] = await start({ replicas: 2 });
    const contentType = 'application/json-patch+json';
    const body = [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
      { op: 'remove', path: '/spec/template/spec/containers/0/env/0' },
    ];
    const patched = await must(subject(), 'PATCH', path, { body, contentType });
    expect(patched).toMatchObject({ spec: { replicas: 3 }, metadata: { labels: { a: 'b' } } });
    expect(container(patched)['env']).toEqual([{ name: 'B', value: '2' }]);
    expect((await call(subject(), 'PATCH', path, { body, contentType })).code).toBe(422);
    expect((await call(subject(), 'PATCH', path, { body: [{ op: 'dance' }], contentType })).code).toBeGreaterThanOrEqual(400);
  });

  it('merges lists by key with a strategic merge patch', async () => {
    const [path] = await start();
    const patched = await must(subject(), 'PATCH', path, { body: inContainer({ env: [{ name: 'B', value: '3' }, { name: 'C', value: '4' }] }), ...strategic });
    expect(container(patched)).toMatchObject({
      image: 'example/server:1',
      env: [{ name: 'A', value: '1' }, { name: 'B', value: '3' }, { name: 'C', value: '4' }],
    });
  });

  it('obeys $patch: delete, $setElementOrder and $retainKeys', async () => {
    const [path] = await start();
    const gone = await must(subject(), 'PATCH', path, { body: inContainer({ env: [{ name: 'A', $patch: 'delete' }] }), ...strategic });
    expect(container(gone)['env']).toEqual([{ name: 'B', value: '2' }]);
    const ordered = inContainer({ env: [{ name: 'C', value: '3' }], '$setElementOrder/env': [{ name: 'C' }, { name: 'B' }] });
    expect(listOf(container(await must(subject(), 'PATCH', path, { body: ordered, ...strategic }))['env']).map((item) => at(item, 'name'))).toEqual(['C', 'B']);
    const recreate = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(at(await must(subject(), 'PATCH', path, { body: recreate, ...strategic }), 'spec', 'strategy')).toEqual({ type: 'Recreate' });
  });

  it('replaces a list with $patch: replace and deletes from a list of values', async () => {
    const [path] = await start();
    const replaced = await must(subject(), 'PATCH', path, { body: inContainer({ env: [{ name: 'Z', value: '9' }, { $patch: 'replace' }] }), ...strategic });
    expect(container(replaced)['env']).toEqual([{ name: 'Z', value: '9' }]);
    await must(subject(), 'PATCH', path, { body: { metadata: { finalizers: ['example.com/a', 'example.com/b'] } }, ...strategic });
    const fewer = await must(subject(), 'PATCH', path, { body: { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] } }, ...strategic });
    expect(metaOf(fewer)['finalizers']).toEqual(['example.com/b']);
  });

  it('refuses a resourceVersion in a patch that is outdated', async () => {
    const [path, created] = await start();
    await must(subject(), 'PATCH', path, { body: { spec: { minReadySeconds: 1 } }, ...mergePatch });
    const stale = { metadata: { resourceVersion: metaOf(created)['resourceVersion'] }, spec: { minReadySeconds: 2 } };
    expect((await call(subject(), 'PATCH', path, { body: stale, ...mergePatch })).code).toBe(409);
  });

  it('refuses other types with 415', async () => {
    const [path] = await start();
    expect((await call(subject(), 'PATCH', path, { body: {}, contentType: 'text/plain' })).code).toBe(415);
  });
};

/** Cases about patches of all kinds. */
export const applyingContract = (subject: () => Subject): void => {
  describe('ownership', () => ownershipCases(subject));
  describe('lists', () => listCases(subject));
  describe('patches', () => patchCases(subject));
};
