import { describe, expect, it } from '@jest/globals';
import { apiVersion, featureServerSchema, serverKind } from '../../src/api/featureserver.ts';

const object = (spec: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  apiVersion,
  kind: 'FeatureServer',
  metadata: { name: 'a', namespace: 'b', uid: 'c', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { objective: { p95: '30ms' }, server: { custom: { image: 'x' } }, ...spec },
  ...rest,
});

describe('reading a FeatureServer', () => {
  it('fills in what an older CRD did not store', () => {
    expect(featureServerSchema.parse(object({})).spec).toMatchObject({
      ports: { serving: 6566, admin: 9100 },
      pool: { threads: { min: 1, max: 32, initial: 8 }, processes: { min: 1 }, warmUp: '10s' },
      scaling: { mode: 'Auto', replicas: { min: 2, max: 10 }, evaluation: { period: '5s', window: '15s' } },
      rollout: { maxSurge: '25%', maxUnavailable: 0 },
      disruption: { maxUnavailable: 1 },
      networkPolicy: { enabled: false },
    });
  });

  it('drops what a newer CRD knows and this operator does not', () => {
    const { spec } = featureServerSchema.parse(object({ later: 1, scaling: { later: { a: 1 } } }));
    expect(spec).not.toHaveProperty('later');
    expect(spec.scaling).not.toHaveProperty('later');
  });

  it('reads a server kind of a newer operator as unknown', () => {
    const { spec } = featureServerSchema.parse(object({ server: { rust: { image: 'x' } } }));
    expect(serverKind(spec)).toBeUndefined();
  });

  it('tells the kinds apart', () => {
    expect(serverKind(featureServerSchema.parse(object({})).spec)).toBe('custom');
    const builtin = { builtin: { featureStore: { secret: { name: 's' } } } };
    expect(serverKind(featureServerSchema.parse(object({ server: builtin })).spec)).toBe('builtin');
    const feast = { feast: { image: 'x', featureStore: { secret: { name: 's' } } } };
    expect(serverKind(featureServerSchema.parse(object({ server: feast })).spec)).toBe('feast');
    const python = { python: { image: 'x', app: 'main:app', server: 'waitress' } };
    expect(serverKind(featureServerSchema.parse(object({ server: python })).spec)).toBe('python');
  });

  it('loses no more of a status than what it cannot read: size and image survive a class of a newer operator', () => {
    const status = { image: 'x:1', desiredReplicas: 7, bottleneck: { class: 'MEMORY', since: 't', evidence: '', advice: '' }, later: 1 };
    expect(featureServerSchema.parse(object({}, { status })).status).toEqual({ image: 'x:1', desiredReplicas: 7 });
    expect(featureServerSchema.parse(object({}, { status: 'broken' })).status).toBeUndefined();
  });

  it('keeps unknown fields of the pod template', () => {
    const podTemplate = { spec: { nodeSelector: { a: 'b' }, containers: [{ name: 'server', tty: true }] } };
    const read = featureServerSchema.parse(object({ podTemplate }));
    expect(read.spec.podTemplate).toEqual(podTemplate);
  });

  it('leaves replicas absent: absent means keep what is there', () => {
    expect(featureServerSchema.parse(object({})).spec).not.toHaveProperty('replicas');
  });
});
