import { describe, expect, it } from '@jest/globals';
import { childRoles, desiredChildren, unwantedChildren } from '../../../src/core/specs/index.ts';
import type { Child, ChildRole } from '../../../src/core/specs/index.ts';
import { context, customServer, featureServer } from './support/feature-servers.ts';

const enabled = { networkPolicy: { enabled: true } };
const children = desiredChildren(featureServer(enabled), context());
const find = (role: ChildRole, from: Child[] = children): Child['object'] => {
  const found = from.find((child) => child.role === role);
  if (found === undefined) throw new Error(`no ${role}`);
  return found.object;
};

describe('the children', () => {
  it('are all there, in the order in which they are applied', () => {
    expect(children.map(({ role }) => role)).toEqual(childRoles);
  });

  it.each(children)('$role names its type, owner, labels and field manager', ({ type, object, fieldManager }) => {
    expect(object.apiVersion).toBe(type.group === '' ? type.version : `${type.group}/${type.version}`);
    expect(object.kind).toBe(type.kind);
    expect(fieldManager).toBe('plateau');
    expect(object.metadata).toMatchObject({
      namespace: 'team',
      labels: { 'app.kubernetes.io/name': 'feature-server', 'app.kubernetes.io/instance': 'ranking', 'app.kubernetes.io/managed-by': 'plateau' },
      ownerReferences: [
        {
          apiVersion: 'plateau.dev/v1alpha1',
          kind: 'FeatureServer',
          name: 'ranking',
          uid: '0b0ddf2b-27c4-4b4e-9c7a-6a0f2f0c2c11',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
  });

  it('have names that no two of one kind share', () => {
    const names = children.map(({ object }) => `${object.kind}/${object.metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are equal for equal input, so that a second apply changes nothing', () => {
    expect(JSON.stringify(desiredChildren(featureServer(enabled), context()))).toBe(JSON.stringify(children));
  });

  it.each([{}, customServer])('never share or change their input', (spec) => {
    const object = Object.freeze(featureServer(spec));
    const before = JSON.stringify(object);
    const first = find('deployment', desiredChildren(object, context()));
    Object.assign(first.metadata.labels, { spoilt: 'yes' });
    expect(JSON.stringify(object)).toBe(before);
    expect(find('deployment', desiredChildren(object, context())).metadata.labels).not.toHaveProperty('spoilt');
  });
});

describe('the Deployment', () => {
  it.each([{}, { replicas: 7 }, { scaling: { mode: 'Off' } }])('never carries replicas (%j)', (spec) => {
    expect(find('deployment', desiredChildren(featureServer(spec), context()))['spec']).not.toHaveProperty('replicas');
  });

  it('rolls as the spec says', () => {
    const rollout = { maxSurge: 2, maxUnavailable: '10%', minReadySeconds: 5 };
    expect(find('deployment', desiredChildren(featureServer({ rollout }), context()))['spec']).toMatchObject({
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: '10%' } },
      minReadySeconds: 5,
    });
  });
});

describe('the other children', () => {
  it('Service: only the serving port, by name', () => {
    expect(find('service')['spec']).toEqual({
      selector: { 'app.kubernetes.io/name': 'feature-server', 'app.kubernetes.io/instance': 'ranking' },
      ports: [{ name: 'serving', port: 6566, targetPort: 'serving', protocol: 'TCP', appProtocol: 'http' }],
    });
  });

  it('ServiceAccount: no token', () => {
    expect(find('serviceAccount')['automountServiceAccountToken']).toBe(false);
  });

  it('PodDisruptionBudget: as the spec says, and unhealthy pods never hold a node', () => {
    const budget = find('disruptionBudget', desiredChildren(featureServer({ disruption: { maxUnavailable: '20%' } }), context()));
    expect(budget['spec']).toMatchObject({ maxUnavailable: '20%', unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  });

  it('ConfigMap: the size of the pool, in a fixed order', () => {
    const pool = { objectiveMs: 30, generation: 4_294_967_297, processes: 2, threads: 6 };
    expect(find('poolConfig', desiredChildren(featureServer(), context({ pool })))['data']).toEqual({
      'pool.json': '{"threads":6,"processes":2,"generation":4294967297,"objectiveMs":30}\n',
    });
  });

  it('Secret: the token, as data', () => {
    expect(find('poolToken')).toMatchObject({ type: 'Opaque', data: { token: Buffer.from(context().token).toString('base64') } });
  });
});

describe('the NetworkPolicy', () => {
  const ingress = (networkPolicy: Record<string, unknown>, changes = {}) =>
    (find('networkPolicy', desiredChildren(featureServer({ networkPolicy: { enabled: true, ...networkPolicy } }), context(changes)))['spec'] as { ingress: unknown[] })
      .ingress;
  const operatorPeer = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'plateau-system' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'plateau' } },
  };
  const serving = [{ port: 'serving', protocol: 'TCP' }];
  const admin = [{ port: 'admin', protocol: 'TCP' }];
  const peer = { podSelector: {} };

  it('is absent, and to be deleted, unless asked for', () => {
    expect(desiredChildren(featureServer(), context()).map(({ role }) => role)).not.toContain('networkPolicy');
    expect(unwantedChildren(featureServer())).toMatchObject([{ role: 'networkPolicy', name: 'ranking', type: { plural: 'networkpolicies' } }]);
    expect(unwantedChildren(featureServer(enabled))).toEqual([]);
  });

  it.each([
    ['by default', {}, {}, [{ ports: serving }, { from: [operatorPeer], ports: admin }]],
    ['with from', { from: [peer] }, {}, [{ from: [peer], ports: serving }, { from: [operatorPeer], ports: admin }]],
    ['with an empty from, nobody but the operator', { from: [] }, {}, [{ from: [operatorPeer], ports: admin }]],
    ['with metricsFrom', { metricsFrom: [peer] }, {}, [{ ports: serving }, { from: [operatorPeer, peer], ports: admin }]],
    ['with an operator outside the cluster, a closed admin port', {}, { operator: null }, [{ ports: serving }]],
  ])('%s', (_name, policy, changes, expected) => {
    expect(ingress(policy, changes)).toEqual(expected);
  });
});
