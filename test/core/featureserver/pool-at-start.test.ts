import { describe, expect, it } from '@jest/globals';
import type { DeploymentFacts } from '../../../src/core/featureserver/deployment-facts.ts';
import type { PoolReport } from '../../../src/core/featureserver/observed.ts';
import { poolAtStart } from '../../../src/core/featureserver/pool-at-start.ts';

const annotation = 'plateau.dev/pool-at-start';
const config = { threads: 12, processes: 2, generation: 5, objectiveMs: 30 };
const range = { min: 1, max: 64 };
const pod = (parts: Partial<PoolReport> = {}): PoolReport => ({
  generation: 5, threads: 12, processes: 2, live: { threads: false, processes: true }, limits: { threads: range, processes: range }, ...parts,
});
const deployment = (parts: Partial<DeploymentFacts> = {}): DeploymentFacts => ({
  uid: 'd', resourceVersion: '5', replicas: 2, replicaOwners: [], scaleOwnsTemplate: false, observed: true, statusReplicas: 2, updatedReplicas: 2,
  readyReplicas: 2, availableReplicas: 2, replicaFailure: null, progressDeadlineExceeded: null, templateAnnotations: {}, ...parts,
});
const bearing = (text: string) => ({ templateAnnotations: { [annotation]: text } });
const live = { threads: true, processes: true };
const atStart = { threads: false, processes: false };

describe('poolAtStart', () => {
  it.each([
    ['pods that have what they should', deployment(), [pod()], undefined],
    ['a live knob that is not there yet never rolls', deployment(), [pod({ threads: 8, processes: 1, live })], undefined],
    ['a knob that is taken at the start', deployment(), [pod(), pod({ threads: 8 })], 'threads=12'],
    ['both at once are one rollout', deployment(), [pod({ threads: 8, processes: 1, live: atStart })], 'threads=12,processes=2'],
    ['no pod tells anything', deployment(), [], undefined],
    ['before the Deployment exists', null, [], undefined],
    ['the annotation stays when it is no longer needed', deployment(bearing('threads=8')), [pod()], 'threads=8'],
    ['it changes with the next change', deployment(bearing('threads=8')), [pod({ threads: 8 })], 'threads=12'],
    ['not while pods are being replaced', deployment({ ...bearing('threads=8'), updatedReplicas: 1 }), [pod({ threads: 4 }), pod({ threads: 8 })], 'threads=8'],
    ['nor before the controller has seen the last one', deployment({ ...bearing('threads=8'), observed: false }), [pod({ threads: 4 })], 'threads=8'],
    ['nor when a rollout for another reason runs', deployment({ updatedReplicas: 0 }), [pod({ threads: 8 })], undefined],
    ['a size that the server can never have', deployment(), [pod({ processes: 1, live: atStart, limits: { threads: range, processes: { min: 1, max: 1 } } })], undefined],
    ['a size under what it can have', deployment(), [pod({ threads: 16, limits: { threads: { min: 16, max: 64 }, processes: range } })], undefined],
  ])('%s', (_name, facts, pods, expected) => {
    const pools = Object.fromEntries(pods.map((report, index) => [`pod-${index}`, report]));
    expect(poolAtStart({ deployment: facts, pools }, config)[annotation]).toBe(expected);
  });
});
