import { describe, expect, it } from '@jest/globals';
import { deploymentStatus } from '../../../src/local/deployment/deployment-status.ts';
import { deploymentSchema, replicaSetSchema } from '../../../src/local/deployment/schema.ts';
import type { Condition } from '../../../src/local/deployment/schema.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: {} };
const deployment = (conditions: unknown[] = [], observedGeneration = 3) =>
  deploymentSchema.parse({
    metadata: { name: 'web', namespace: 'n', uid: 'u', generation: 3 },
    spec: { replicas: 2, selector: {}, template, progressDeadlineSeconds: 60 },
    status: { observedGeneration, conditions },
  });
const set = (conditions: unknown[] = []) => replicaSetSchema.parse({ metadata: { name: 'web-1', namespace: 'n', uid: 's' }, spec: { selector: {}, template }, status: { conditions } });
const counts = (updatedReplicas: number, availableReplicas: number, replicas = updatedReplicas) => ({ replicas, updatedReplicas, readyReplicas: availableReplicas, availableReplicas });
const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const condition = (status: Record<string, unknown>, type: string): Condition | undefined => {
  const { conditions } = status;
  return Array.isArray(conditions) ? conditions.find((entry: Condition) => entry.type === type) : undefined;
};

describe('deploymentStatus', () => {
  it.each([
    ['complete', counts(2, 2), { Available: 'True', Progressing: 'True' }, 'NewReplicaSetAvailable'],
    ['a pod is missing', counts(2, 1), { Available: 'False', Progressing: 'True' }, 'ReplicaSetUpdated'],
    ['an old pod is left', counts(2, 3, 3), { Available: 'True', Progressing: 'True' }, 'ReplicaSetUpdated'],
  ])('%s', (_, given, expected, reason) => {
    const status = deploymentStatus({ deployment: deployment(), current: set(), counts: given, maxUnavailable: 0, now: at(0) });
    expect(Object.fromEntries(['Available', 'Progressing'].map((type) => [type, condition(status, type)?.status]))).toEqual(expected);
    expect(condition(status, 'Progressing')?.reason).toBe(reason);
    expect(status).toMatchObject({ observedGeneration: 3, ...given });
  });

  it('gives up when nothing moves for the deadline, and not while something does', () => {
    const first = deploymentStatus({ deployment: deployment(), current: set(), counts: counts(1, 0), maxUnavailable: 0, now: at(0) });
    const conditions = [condition(first, 'Progressing')];
    const later = (given: ReturnType<typeof counts>, seconds: number) =>
      condition(deploymentStatus({ deployment: deployment(conditions), current: set(), counts: given, maxUnavailable: 0, now: at(seconds) }), 'Progressing');
    expect(later(counts(1, 0), 59)?.reason).toBe('ReplicaSetUpdated');
    expect(later(counts(2, 1), 61)?.reason).toBe('ReplicaSetUpdated');
    expect(later(counts(1, 0), 61)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
  });

  it('keeps the time of a condition that has not changed', () => {
    const first = deploymentStatus({ deployment: deployment(), current: set(), counts: counts(2, 2), maxUnavailable: 0, now: at(0) });
    const second = deploymentStatus({ deployment: deployment([condition(first, 'Available')]), current: set(), counts: counts(2, 2), maxUnavailable: 0, now: at(100) });
    expect(condition(second, 'Available')).toEqual(condition(first, 'Available'));
  });

  it('passes on why pods cannot be created', () => {
    const refused = set([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota exceeded' }]);
    const status = deploymentStatus({ deployment: deployment(), current: refused, counts: counts(0, 0), maxUnavailable: 0, now: at(0) });
    expect(condition(status, 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate', message: 'quota exceeded' });
  });
});
