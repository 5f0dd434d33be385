/**
 * The contract of custom resource definitions: FeatureServers with their defaults, pruning, validation and rules.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { at, fieldsOf, listOf } from '../../src/local/apiserver/json.ts';
import { featureServer, servers } from './objects.ts';
import { apply, call, must, mustApply, newNamespace, watch, type Json, type Reply, type Subject } from './subject.ts';

const mergePatch = { contentType: 'application/merge-patch+json' };
const fieldsIn = (body: Json): readonly unknown[] => listOf(at(body, 'details', 'causes')).map((cause) => at(cause, 'field'));

const group = 'contract.example.com';
const definitionName = `gadgets.${group}`;

/** A definition with one of everything the schema can say. */
const gadgetDefinition: Json = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: definitionName },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gdg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } },
        additionalPrinterColumns: [{ name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                'x-kubernetes-validations': [
                  { rule: 'self.min <= self.max', message: 'min must not exceed max' },
                  { rule: "!has(self.color) || self.color != 'mauve'", messageExpression: "'never ' + self.color" },
                  { rule: 'self.size == oldSelf.size', message: 'size is immutable', fieldPath: '.size' },
                ],
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 100 },
                  min: { type: 'integer', default: 1 },
                  max: { type: 'integer', default: 10 },
                  color: { type: 'string', enum: ['red', 'mauve'] },
                  code: { type: 'string', pattern: '^[a-z]+$', maxLength: 4 },
                  replicas: { type: 'integer' },
                  wait: { type: 'string', 'x-kubernetes-validations': [{ rule: "duration(self) <= duration('1m')", message: 'too long' }] },
                  limit: { 'x-kubernetes-int-or-string': true },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  nested: { type: 'object', default: {}, properties: { depth: { type: 'integer', default: 3 } } },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, weight: { type: 'number' } } },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

const gadgets = (namespace: string, name = ''): string => `/apis/${group}/v1/namespaces/${namespace}/gadgets${name === '' ? '' : `/${name}`}`;
const gadget = (name: string, spec: Json = {}): Json => ({ apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name }, spec: { size: 3, ...spec } });

const definitionPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const isEstablished = (object: Json): boolean =>
  listOf(at(object, 'status', 'conditions')).some((condition) => at(condition, 'type') === 'Established' && at(condition, 'status') === 'True');

/** Applies the definition and waits until its objects can be listed. */
const define = async (subject: Subject): Promise<void> => {
  await mustApply(subject, `${definitionPath}/${definitionName}`, 'contract', gadgetDefinition);
  const open = await watch(subject, `${definitionPath}?watch=true&fieldSelector=metadata.name%3D${definitionName}`);
  await open.until(({ object }) => isEstablished(object));
  open.close();
  // A real server serves a new kind a moment after it says so.
  const deadline = Date.now() + 20_000;
  while ((await call(subject, 'GET', gadgets('default'))).code === 404) {
    if (Date.now() > deadline) throw new Error('the new kind is not served');
  }
};

const create = async (subject: Subject, spec: Json): Promise<Reply> => {
  const namespace = await newNamespace(subject);
  return call(subject, 'POST', gadgets(namespace), { body: gadget('g', spec) });
};

const schemaCases = (subject: () => Subject): void => {
  it('fills defaults from the outside in', async () => {
    await define(subject());
    const { body } = await create(subject(), {});
    expect(body['spec']).toEqual({ size: 3, min: 1, max: 10, nested: { depth: 3 } });
  });

  it('prunes what it does not know, but keeps it where the schema says so', async () => {
    await define(subject());
    const { body } = await create(subject(), { unknown: 1, nested: { other: true }, free: { any: { thing: [1] } } });
    expect(body['spec']).toEqual({ size: 3, min: 1, max: 10, nested: { depth: 3 }, free: { any: { thing: [1] } } });
  });

  it('refuses unknown fields when asked to be strict', async () => {
    await define(subject());
    const namespace = await newNamespace(subject());
    const { code, body } = await call(subject(), 'POST', `${gadgets(namespace)}?fieldValidation=Strict`, { body: gadget('g', { thraeds: 1 }) });
    expect(code).toBe(400);
    expect(body['message']).toContain('unknown field "spec.thraeds"');
  });

  it.each([
    ['a missing field', { size: undefined }, 'spec.size'],
    ['a wrong type', { size: 'big' }, 'spec.size'],
    ['less than the minimum', { size: 0 }, 'spec.size'],
    ['more than the maximum', { size: 101 }, 'spec.size'],
    ['a value that is not in the enumeration', { color: 'blue' }, 'spec.color'],
    ['a text that breaks the pattern', { code: 'A1' }, 'spec.code'],
    ['a text that is too long', { code: 'abcde' }, 'spec.code'],
    ['a wrong int-or-string', { limit: true }, 'spec.limit'],
    ['two items of one key', { parts: [{ name: 'a' }, { name: 'a' }] }, 'spec.parts[1]'],
    ['an item without its key', { parts: [{ weight: 1 }] }, 'spec.parts[0].name'],
  ])('refuses %s and names the field', async (_what, spec, field) => {
    await define(subject());
    const { code, body } = await create(subject(), spec);
    expect(code).toBe(422);
    expect(body).toMatchObject({ reason: 'Invalid', details: { kind: 'Gadget', group, name: 'g' } });
    expect(fieldsIn(body)).toContain(field);
  });

  it.each([
    ['a rule of an object', { min: 5, max: 4 }, 'spec', 'min must not exceed max'],
    ['a messageExpression', { color: 'mauve' }, 'spec', 'never mauve'],
    ['a rule of a text', { wait: '5m' }, 'spec.wait', 'too long'],
  ])('asks the rules: %s', async (_what, spec, field, sentence) => {
    await define(subject());
    const { code, body } = await create(subject(), spec);
    expect(code).toBe(422);
    expect(listOf(at(body, 'details', 'causes'))).toContainEqual(expect.objectContaining({ field, message: expect.stringContaining(sentence) }));
  });

  it('asks transition rules only when there is a before', async () => {
    await define(subject());
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', gadgets(namespace), { body: gadget('g') });
    const { code, body } = await call(subject(), 'PATCH', gadgets(namespace, 'g'), { body: { spec: { size: 4 } }, ...mergePatch });
    expect(code).toBe(422);
    expect(fieldsIn(body)).toEqual(['spec.size']);
    await must(subject(), 'PATCH', gadgets(namespace, 'g'), { body: { spec: { max: 11 } }, ...mergePatch });
  });

  it('serves status and scale', async () => {
    await define(subject());
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', gadgets(namespace), { body: { ...gadget('g', { replicas: 2 }), status: { replicas: 9 } } });
    expect(created['status']).toBeUndefined();
    await must(subject(), 'PATCH', gadgets(namespace, 'g/status'), { body: { status: { replicas: 2, selector: 'a=b' } }, ...mergePatch });
    const scale = await must(subject(), 'GET', gadgets(namespace, 'g/scale'));
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { replicas: 2, selector: 'a=b' } });
    await must(subject(), 'PATCH', gadgets(namespace, 'g/scale'), { body: { spec: { replicas: 5 } }, ...mergePatch });
    const after = await must(subject(), 'GET', gadgets(namespace, 'g'));
    expect(after).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 2 }, metadata: { generation: 2 } });
  });

  it('needs a resourceVersion to replace, and takes no strategic merge patch', async () => {
    await define(subject());
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', gadgets(namespace), { body: gadget('g') });
    expect((await call(subject(), 'PUT', gadgets(namespace, 'g'), { body: gadget('g') })).code).toBe(422);
    const contentType = 'application/strategic-merge-patch+json';
    expect((await call(subject(), 'PATCH', gadgets(namespace, 'g'), { body: { spec: { max: 11 } }, contentType })).code).toBe(415);
  });

  it('merges map lists by key when applied, and never owns defaults', async () => {
    await define(subject());
    const namespace = await newNamespace(subject());
    const path = gadgets(namespace, 'g');
    const first = await mustApply(subject(), path, 'one', gadget('g', { parts: [{ name: 'a', weight: 1 }] }));
    expect(at(listOf(at(first, 'metadata', 'managedFields'))[0], 'fieldsV1')).toEqual({
      'f:spec': { 'f:size': {}, 'f:parts': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:weight': {} } } },
    });
    const part = { apiVersion: `${group}/v1`, kind: 'Gadget', metadata: { name: 'g' }, spec: { size: 3, parts: [{ name: 'b' }] } };
    const merged = await mustApply(subject(), path, 'two', part);
    expect(listOf(at(merged, 'spec', 'parts')).map((item) => at(item, 'name'))).toEqual(['a', 'b']);
    expect((await apply(subject(), path, 'two', gadget('g', { parts: [{ name: 'a', weight: 2 }] }))).code).toBe(409);
    const again = await mustApply(subject(), path, 'two', part);
    expect(at(again, 'metadata', 'resourceVersion')).toBe(at(merged, 'metadata', 'resourceVersion'));
  });

  it('refuses a definition that is not named after its kind', async () => {
    const { code, body } = await call(subject(), 'POST', definitionPath, { body: { ...gadgetDefinition, metadata: { name: 'other.example.com' } } });
    expect(code).toBe(422);
    expect(fieldsIn(body)).toContain('metadata.name');
  });
};

const featureServerCases = (subject: () => Subject): void => {
  it('gives the smallest object all its defaults', async () => {
    const namespace = await newNamespace(subject());
    const created = await must(subject(), 'POST', servers(namespace), { body: featureServer('ranking') });
    expect(created).toMatchObject({
      spec: { ports: { serving: 6566, admin: 9100 }, scaling: { mode: 'Auto', replicas: { min: 2, max: 10 } }, pool: { threads: { min: 1, max: 32, initial: 8 } } },
    });
    expect(fieldsOf(created['spec'])['replicas']).toBeUndefined();
  });

  it.each([
    ['two servers', { server: { builtin: { featureStore: { secret: { name: 's' } } }, custom: { image: 'a' } } }, 'spec.server'],
    ['an objective that is no duration', { objective: { p95: 'soon' } }, 'spec.objective.p95'],
    ['a minimum above the maximum', { scaling: { replicas: { min: 5, max: 4 } } }, 'spec.scaling.replicas'],
    ['a rollout that can replace nothing', { rollout: { maxSurge: 0, maxUnavailable: 0 } }, 'spec.rollout'],
    ['a percentage out of shape', { disruption: { maxUnavailable: 'some' } }, 'spec.disruption.maxUnavailable'],
    ['a mode that does not exist', { scaling: { mode: 'Fast' } }, 'spec.scaling.mode'],
  ])('refuses %s', async (_what, spec, field) => {
    const namespace = await newNamespace(subject());
    const { code, body } = await call(subject(), 'POST', servers(namespace), { body: featureServer('ranking', spec) });
    expect(code).toBe(422);
    expect(fieldsIn(body)).toContain(field);
  });

  it('refuses a name that is too long', async () => {
    const namespace = await newNamespace(subject());
    expect((await call(subject(), 'POST', servers(namespace), { body: featureServer('a'.repeat(47)) })).code).toBe(422);
  });

  it('has no scale to read while spec.replicas is absent', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', servers(namespace), { body: featureServer('ranking') });
    expect((await call(subject(), 'GET', servers(namespace, 'ranking/scale'))).code).toBe(500);
  });
};

/** Cases about custom resources. The FeatureServer definition must be installed. */
export const definitionContract = (subject: () => Subject): void => {
  describe('custom resources', () => schemaCases(subject));
  describe('FeatureServers', () => featureServerCases(subject));
};
