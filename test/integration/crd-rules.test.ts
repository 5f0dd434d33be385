/** Every CEL rule and every default of the CRD, on a real kube-apiserver. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { placedRules } from '../../hack/generate/placed-rules.ts';
import { structuralSchema } from '../../hack/generate/structural-schema.ts';
import type { StructuralSchema } from '../../hack/generate/structural-schema.ts';
import { celRules } from '../../src/api/cel-rules.ts';
import { featureServerSpecSchema } from '../../src/api/featureserver.ts';
import { resourceTypes } from '../../src/api/resource-types.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { isApiError } from '../../src/runtime/ports.ts';
import type { KubeObject } from '../../src/runtime/ports.ts';
import { casesOf, minimal } from '../api/support/rule-cases.ts';
import { openClient } from './crd-client.ts';
import { describeControlPlane } from './support/describe-kubernetes.ts';

type Json = Record<string, unknown>;

const placed = placedRules();
const rules = placed.map((rule) => ({ rule, at: `${rule.id} at ${rule.path === '' ? 'the object' : rule.path}`, cases: casesOf(rule) }));

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const read = (value: unknown, path: string): unknown => path.split('.').reduce<unknown>((object, field) => (isJson(object) ? object[field] : undefined), value);
const write = (object: Json, [field = '', ...rest]: string[], value: unknown): Json => {
  const child = object[field];
  return { ...object, [field]: rest.length === 0 ? value : write(isJson(child) ? child : {}, rest, value) };
};

/** Every field with a default that is no object, by its path. */
const defaults = (schema: StructuralSchema, path: string): { path: string; value: unknown }[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, child]) => [
    ...(child.default === undefined || isJson(child.default) ? [] : [{ path: `${path}.${name}`, value: child.default }]),
    ...defaults(child, `${path}.${name}`),
  ]);
const withDefault = defaults(structuralSchema(featureServerSpecSchema, 'spec'), 'spec');

/** A FeatureServer that has every part in which a default can be. */
const baseFor = (path: string): Json => {
  const featureStore = { [path.includes('configMap') ? 'configMap' : 'secret']: { name: 'store' } };
  const image = 'example.com/shop:1';
  if (path.startsWith('spec.server.builtin')) return minimal({ server: { builtin: { featureStore } } });
  if (path.startsWith('spec.server.feast')) return minimal({ server: { feast: { image, featureStore } } });
  if (path.startsWith('spec.server.python')) return minimal({ server: { python: { image, app: 'main:app', server: 'uvicorn', featureStore } } });
  return minimal();
};

describe('the table of cases', () => {
  it('has an accepted and a refused object for every rule at every place', () => {
    const poor = rules.filter(({ cases }) => !cases.some(({ accepted }) => accepted) || !cases.some(({ accepted }) => !accepted));
    expect(poor.map(({ at }) => at)).toEqual([]);
  });

  it('has every rule of the table in the schema', () => {
    const used = new Set(placed.map(({ id }) => id));
    expect(Object.values(celRules).map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
    for (const [key, { id }] of Object.entries(celRules)) expect(id).toBe(key);
  });
});

describeControlPlane('the rules of the CRD', (cluster) => {
  let client: KubeClient;
  beforeAll(async () => {
    await cluster().installCrds();
    client = openClient(cluster().kubeconfigPath);
  });
  afterAll(() => client.close());

  const create = (object: Json): Promise<KubeObject> => {
    const metadata = { namespace: 'default', ...(isJson(object['metadata']) ? object['metadata'] : {}) };
    return client.create(resourceTypes.featureServer, { ...object, metadata }, { fieldManager: 'test', dryRun: true });
  };
  const refusal = async (object: Json): Promise<string> => {
    try {
      await create(object);
    } catch (error) {
      if (isApiError(error, 'Invalid')) return error.message;
      throw error;
    }
    return 'accepted';
  };

  describe.each(rules)('$at', ({ rule, cases }) => {
    it.each(cases.filter(({ accepted }) => accepted))('accepts $what', async ({ object }) => {
      expect(await refusal(object)).toBe('accepted');
    });

    it.each(cases.filter(({ accepted }) => !accepted))('refuses $what with field and remedy', async ({ object }) => {
      const message = await refusal(object);
      expect(message).toContain(rule.message);
      expect(message).toContain(rule.path.replace(/(\[\]|\{\}).*$/u, ''));
    });
  });

  describe.each(withDefault)('$path', ({ path, value }) => {
    it(`is ${JSON.stringify(value)} when absent`, async () => {
      expect(read(await create(baseFor(path)), path)).toEqual(value);
    });

    it('refuses a value of another type', async () => {
      const wrong = typeof value === 'string' ? true : 'wrong';
      expect(await refusal(write(baseFor(path), path.split('.'), wrong))).toContain(path);
    });
  });

  it('keeps every value that differs from its default', async () => {
    const spec = {
      ports: { serving: 7000, admin: 7001 },
      pool: { threads: { min: 2, max: 16, initial: 4 }, processes: { min: 2, max: 3 }, warmUp: '20s' },
      scaling: {
        mode: 'Recommend',
        replicas: { min: 1, max: 20 },
        scaleUp: { maxPods: 1, maxPercent: 50, period: '30s' },
        scaleDown: { enabled: false, stabilization: '60s', maxPercentPerMinute: 20 },
        evaluation: { period: '1s', window: '10s' },
      },
      rollout: { maxSurge: 1, maxUnavailable: '10%', minReadySeconds: 3, terminationGrace: '10s' },
      disruption: { maxUnavailable: '50%' },
      networkPolicy: { enabled: true },
      server: { builtin: { featureStore: { secret: { name: 'store', key: 'other.yaml' } } } },
    };
    const created = await create(minimal(spec));
    expect(created['spec']).toEqual({ objective: { p95: '30ms' }, ...spec });
    for (const { path, value } of withDefault.filter((field) => !/configMap|server\.(feast|python)/u.test(field.path))) expect([path, read(created, path)]).not.toEqual([path, value]);
  });
});
