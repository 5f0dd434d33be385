/** A FeatureServer as the API server would hold it, and a picture with nothing in it. @module */
import { featureServerSchema } from '../../../../src/api/featureserver.ts';
import type { FeatureServer } from '../../../../src/api/featureserver.ts';
import type { Recommendation } from '../../../../src/core/autoscale/types.ts';
import type { ChildState, Observed } from '../../../../src/core/featureserver/observed.ts';

export const now = Date.parse('2026-11-23T12:00:00Z');

export const featureServer = (spec: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): FeatureServer =>
  featureServerSchema.parse({
    apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer',
    metadata: { name: 'ranking', namespace: 'shop', uid: 'uid-of-ranking', resourceVersion: '1', generation: 1, creationTimestamp: '2026-11-23T11:00:00Z' },
    spec: { objective: { p95: '30ms' }, server: { custom: { image: 'example.org/server:1' } }, ...spec },
    ...rest,
  });

const absent: ChildState = { kind: 'absent' };

export const observed = (parts: Partial<Observed> = {}): Observed => ({
  now,
  featureServer: featureServer(),
  children: { deployment: absent, service: absent, serviceAccount: absent, poolConfig: absent, poolToken: absent, disruptionBudget: absent, networkPolicy: absent },
  deployment: null,
  pods: [],
  others: [],
  recommendation: null,
  leaseTransitions: 0,
  pools: {},
  featureStoreMissing: null,
  ...parts,
});

export const recommendation = (parts: Partial<Recommendation> = {}): Recommendation => ({
  scale: { replicas: 4, threads: 8, processes: 1 }, class: 'CPU', reason: 'CapacityShort', message: 'more pods are needed', evidence: 'cpu 0.9', advice: '', reachable: [],
  measured: { p95Ms: 42.123, p95IsLowerBound: false, requestsPerSecond: 123.456, offeredPerSecond: 124, cpuSecondsPerRequest: 0.008123, podCapacity: 110, storeMs: 4, coverage: 1, oldestSampleSeconds: 1 },
  candidates: [], boundBy: null, guard: null, cpuAutoscalerWouldSay: 3, objectiveMet: false, memory: { version: 1 }, ...parts,
});
