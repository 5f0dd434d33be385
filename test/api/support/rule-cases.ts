/**
 * One accepted and one refused object, at least, for every rule at every place. Tried on a real kube-apiserver; whoever else
 * evaluates the rules tries the same.
 *
 * @module
 */
import type { PlacedRule } from '../../../hack/generate/placed-rules.ts';
import { apiVersion } from '../../../src/api/featureserver.ts';

type Json = Record<string, unknown>;

export interface RuleCase {
  what: string;
  accepted: boolean;
  object: Json;
}

const builtinWith = (kind: 'secret' | 'configMap') => ({ builtin: { featureStore: { [kind]: { name: 'store' } } } });
const feastWith = (kind: 'secret' | 'configMap') => ({ feast: { image: 'example.com/feast:1', featureStore: { [kind]: { name: 'store' } } } });
const pythonOf = (parts: Json = {}): Json => ({ python: { image: 'example.com/shop:1', app: 'main:app', server: 'waitress', ...parts } });
const custom = { custom: { image: 'example.com/server:1' } };

/** The least FeatureServer, and what `spec` says over it. */
export const minimal = (spec: Json = {}, name = 'ranking'): Json => ({
  apiVersion,
  kind: 'FeatureServer',
  metadata: { name },
  spec: { objective: { p95: '30ms' }, server: custom, ...spec },
});

/** A base in which the path can be set without breaking another rule. */
const baseFor = (path: string): Json => {
  if (path.startsWith('spec.server.builtin.featureStore.secret')) return minimal({ server: builtinWith('secret') });
  if (path.startsWith('spec.server.builtin')) return minimal({ server: builtinWith('configMap') });
  if (path.startsWith('spec.server.feast')) return minimal({ server: feastWith(path.includes('.secret') ? 'secret' : 'configMap') });
  if (path.startsWith('spec.server.python.featureStore')) return minimal({ server: pythonOf({ featureStore: { [path.includes('.secret') ? 'secret' : 'configMap']: { name: 'store' } } }) });
  if (path.startsWith('spec.server.python')) return minimal({ server: pythonOf() });
  return minimal();
};

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Sets a place of the schema; an entry of a map is called `cpu`. */
const setAt = (object: Json, segments: readonly string[], value: unknown): Json => {
  const [segment = '', ...rest] = segments;
  if (segment.endsWith('{}')) return { ...object, [segment.slice(0, -2)]: { cpu: value } };
  const child = object[segment];
  return { ...object, [segment]: rest.length === 0 ? value : setAt(isObject(child) ? child : {}, rest, value) };
};

interface Values {
  accepted: readonly unknown[];
  refused: readonly unknown[];
}

/** Rules about one value, wherever it stands. */
const valueCases: Readonly<Record<string, Values>> = {
  image: { accepted: ['x', 'registry.example.com:5000/a/b:1.2@sha256:00'], refused: ['a b', ' a', '-a', 'a\n'] },
  imageScheme: { accepted: ['docker.io/a/b'], refused: ['https://example.com/a'] },
  objectName: { accepted: ['a', 'a.b-c1'], refused: ['A', '-a', 'a-', 'a_b'] },
  dataKey: { accepted: ['a', 'feature_store.yaml', '.hidden'], refused: ['a/b', '..', '../a', '.', 'a b'] },
  pythonApp: { accepted: ['main:app', 'shop.web_2:App.wsgi', '_a:_b'], refused: ['main', 'main:', ':app', 'main.py:app:x', 'shop/web:app', 'main:create()', '2main:app', 'a..b:c', 'main:app '] },
  quantity: { accepted: ['500m', 2, '1.5Gi', '.5', '1e3'], refused: ['2 cores', '1Gb', '-1', ''] },
  intOrPercent: { accepted: [1, '25%', '150%'], refused: ['25', 'many', -1, '1.5%'] },
  percentAtMost100: { accepted: [1, '25%', '100%'], refused: ['25', 'many', -1, '101%'] },
};

/** Durations, whose bounds are in the rule. */
const durationValues = ({ rule, path }: PlacedRule): Values => {
  const [min = '', max = ''] = [...rule.matchAll(/duration\('([^']+)'\)/gu)].map(([, text]) => text);
  // The rule beside it wants window >= period, which absent are 15s and 5s.
  const atBounds = path.startsWith('spec.scaling.evaluation') ? ['10s', '15s'] : [min, max];
  const below = min === '0s' ? [] : ['0s'];
  return { accepted: ['15s', '14.5s', '1s14s', '14s999µs', ...atBounds], refused: ['30', 'soon', '1 s', '-1s', '1d', ...below, `${max}1ns`] };
};

const specs = (accepted: readonly Json[], refused: readonly Json[]): RuleCase[] => [
  ...accepted.map((spec) => ({ what: JSON.stringify(spec), accepted: true, object: minimal(spec) })),
  ...refused.map((spec) => ({ what: JSON.stringify(spec), accepted: false, object: minimal(spec) })),
];
const named = (accepted: readonly string[], refused: readonly string[]): RuleCase[] => [
  ...accepted.map((name) => ({ what: name, accepted: true, object: minimal({}, name) })),
  ...refused.map((name) => ({ what: name, accepted: false, object: minimal({}, name) })),
];
const threads = (value: Json): Json => ({ pool: { threads: value } });
const podSpec = (spec: Json): Json => ({ podTemplate: { spec } });
const podMeta = (metadata: Json): Json => ({ podTemplate: { metadata } });
const reference = { name: 'store' };

/** Rules about how several fields stand together. */
const objectCases: Readonly<Record<string, RuleCase[]>> = {
  name: named(['a', 'ranking-2', 'a'.repeat(46)], ['2ranking', 'a.b', 'a'.repeat(47)]),
  serverKind: specs(
    [{ server: custom }, { server: builtinWith('secret') }, { server: feastWith('secret') }, { server: pythonOf() }],
    [{ server: {} }, { server: { ...custom, ...builtinWith('secret') } }, { server: { ...feastWith('secret'), ...pythonOf() } }, { server: { ...custom, ...pythonOf() } }],
  ),
  oneProcess: specs(
    [
      { server: pythonOf() },
      { server: pythonOf(), pool: { processes: { min: 1, max: 1 } } },
      { server: pythonOf({ server: 'gunicorn' }), pool: { processes: { min: 2, max: 4 } } },
      { server: custom, pool: { processes: { min: 2 } } },
    ],
    [{ server: pythonOf(), pool: { processes: { max: 2 } } }, { server: pythonOf(), pool: { processes: { min: 2 } } }],
  ),
  portsDiffer: specs([{ ports: { serving: 9100, admin: 6566 } }], [{ ports: { serving: 9100 } }, { ports: { serving: 7000, admin: 7000 } }]),
  envReserved: specs(
    [{ env: [{ name: 'A', value: '1' }, { name: 'WORKER_POOL_HOST', value: '::' }] }],
    ['WORKER_POOL_CONFIG', 'WORKER_POOL_TOKEN_FILE', 'WORKER_POOL_SERVING_PORT', 'WORKER_POOL_ADMIN_PORT'].map((name) => ({ env: [{ name, value: '1' }] })),
  ),
  envValue: specs(
    [{ env: [{ name: 'A' }, { name: 'B', value: '' }, { name: 'C', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] }],
    [{ env: [{ name: 'A', value: '1', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] }],
  ),
  threadsOrder: specs(
    [threads({ min: 4, max: 4, initial: 4 }), threads({ min: 8 }), threads({ max: 8 })],
    [threads({ min: 9 }), threads({ max: 7 }), threads({ min: 5, max: 4, initial: 4 }), threads({ initial: 33 })],
  ),
  processesOrder: specs(
    [{ pool: { processes: { min: 2, max: 2 } } }, { pool: { processes: { min: 9 } } }],
    [{ pool: { processes: { min: 3, max: 2 } } }],
  ),
  replicasOrder: specs(
    [{ scaling: { replicas: { min: 3, max: 3 } } }],
    [{ scaling: { replicas: { max: 1 } } }, { scaling: { replicas: { min: 11 } } }],
  ),
  windowNotUnderPeriod: specs(
    [{ scaling: { evaluation: { period: '1s', window: '1000ms' } } }],
    [{ scaling: { evaluation: { period: '16s' } } }, { scaling: { evaluation: { window: '4.9s' } } }],
  ),
  maxConcurrency: specs(
    [{ scaling: { maxConcurrency: 2 } }, { scaling: { maxConcurrency: 24 }, pool: { threads: { min: 4 }, processes: { min: 3 } } }],
    [{ scaling: { maxConcurrency: 1 } }, { scaling: { maxConcurrency: 23 }, pool: { threads: { min: 4 }, processes: { min: 3 } } }],
  ),
  rolloutMoves: specs(
    [{ rollout: { maxSurge: 0, maxUnavailable: 1 } }, { rollout: { maxSurge: '1%', maxUnavailable: '0%' } }, { rollout: { maxSurge: 10 } }],
    [{ rollout: { maxSurge: 0 } }, { rollout: { maxSurge: '0%', maxUnavailable: 0 } }, { rollout: { maxSurge: '00%', maxUnavailable: '0%' } }],
  ),
  podLabels: specs(
    [podMeta({ labels: { team: 'a' } })],
    ['name', 'instance', 'component', 'managed-by'].map((label) => podMeta({ labels: { [`app.kubernetes.io/${label}`]: 'a' } })),
  ),
  podAnnotations: specs([podMeta({ annotations: { team: 'a' } })], [podMeta({ annotations: { 'plateau.dev/pool-at-start': 'a' } })]),
  volumeName: specs([podSpec({ volumes: [{ name: 'tmp', emptyDir: {} }] })], [podSpec({ volumes: [{ name: 'plateau-token', emptyDir: {} }] })]),
  hostPath: specs([podSpec({ volumes: [{ name: 'a', emptyDir: {} }] })], [podSpec({ volumes: [{ name: 'a', hostPath: { path: '/' } }] })]),
  hostNamespaces: specs(
    [podSpec({ hostNetwork: false })],
    ['hostNetwork', 'hostPID', 'hostIPC'].map((field) => podSpec({ [field]: true })),
  ),
  restartPolicy: specs([podSpec({ restartPolicy: 'Always' })], [podSpec({ restartPolicy: 'Never' })]),
  networkPolicyPeers: specs(
    [{ networkPolicy: { enabled: true, from: [], metricsFrom: [{ podSelector: {} }] } }, { networkPolicy: {} }],
    [{ networkPolicy: { from: [] } }, { networkPolicy: { enabled: false, metricsFrom: [] } }],
  ),
};

/** One and not two sources, in whichever kind of server the rule stands. */
const sourceCases = ({ path }: PlacedRule): RuleCase[] => {
  const [, , kind = ''] = path.split('.');
  const withSource = (featureStore: Json): Json => {
    const servers: Json = { builtin: { featureStore }, feast: { image: 'example.com/feast:1', featureStore }, ...pythonOf({ featureStore }) };
    return { server: { [kind]: servers[kind] } };
  };
  return specs([withSource({ secret: reference }), withSource({ configMap: reference })], [withSource({}), withSource({ secret: reference, configMap: reference })]);
};

const valuesOf = (placed: PlacedRule): Values | undefined => (placed.id === 'duration' ? durationValues(placed) : valueCases[placed.id]);

/** The cases of a rule at its place; none when nobody wrote any, and then the test fails. */
export const casesOf = (placed: PlacedRule): RuleCase[] => {
  const values = valuesOf(placed);
  if (placed.id === 'featureStoreSource') return sourceCases(placed);
  if (values === undefined) return objectCases[placed.id] ?? [];
  const at = (value: unknown, accepted: boolean): RuleCase => ({
    what: JSON.stringify(value),
    accepted,
    object: setAt(baseFor(placed.path), placed.path.split('.'), value),
  });
  return [...values.accepted.map((value) => at(value, true)), ...values.refused.map((value) => at(value, false))];
};
