import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { featureServerStatusSchema } from '../../../src/api/featureserver-status.ts';
import type { FeatureServerStatus } from '../../../src/api/featureserver-status.ts';
import { reasonsByCondition } from '../../../src/api/reasons.ts';
import { decide } from '../../../src/core/featureserver/decide.ts';
import { nothingDone } from '../../../src/core/featureserver/outcome.ts';
import type { Observed } from '../../../src/core/featureserver/observed.ts';
import { largestStatusBytes, nextStatus } from '../../../src/core/featureserver/status.ts';
import { refreshMs, statusWrite } from '../../../src/core/featureserver/status-write.ts';
import { featureServer, now, observed, recommendation } from './support/objects.ts';

const statusOf = (picture: Observed): FeatureServerStatus =>
  nextStatus({ observed: picture, decided: decide(picture), plan: { actions: [], taken: [] }, outcome: nothingDone, images: { poolImage: 'example.org/plateau-pool:1' } });

const deployment = { uid: 'd', resourceVersion: '5', replicas: 4, replicaOwners: ['plateau-scale'], scaleOwnsTemplate: false, observed: true, statusReplicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4, replicaFailure: null, progressDeadlineExceeded: null, templateAnnotations: {} };
const measured = (parts = {}, at = now): Observed['recommendation'] => ({ at, decidedOn: { replicas: 4, threads: 8, processes: 1 }, recommendation: recommendation(parts) });
const condition = (status: FeatureServerStatus, type: string) => status.conditions?.find((candidate) => candidate.type === type);

describe('status', () => {
  it('fits the schema, stays under 16 KiB and gives only documented reasons, whatever was measured', () => {
    const texts = fc.string({ maxLength: 40_000 });
    fc.assert(fc.property(texts, texts, fc.double(), fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.boolean(), { nil: null }), (message, evidence, p95Ms, coverage, met) => {
      const decisions = Array.from({ length: 10 }, () => ({ at: 'now', from: { replicas: 1, threads: 1, processes: 1 }, to: { replicas: 2, threads: 1, processes: 1 }, reason: 'X', message: message.slice(0, 5_000) }));
      const status = statusOf(observed({
        featureServer: featureServer({}, { status: { mode: 'Auto', desiredReplicas: 4, decisions } }), deployment,
        recommendation: measured({ message, evidence, objectiveMet: met, measured: { ...recommendation().measured, p95Ms: Number.isFinite(p95Ms) ? p95Ms : null, coverage } }),
      }));
      expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThanOrEqual(largestStatusBytes);
      expect(featureServerStatusSchema.safeParse(status).success).toBe(true);
      for (const { type, reason } of status.conditions ?? []) expect(reasonsByCondition[type as keyof typeof reasonsByCondition]).toContain(reason);
    }));
  });

  it('records a decision once, newest first, at most ten', () => {
    const former = Array.from({ length: 10 }, (_, index) => ({ at: `${index}`, from: { replicas: 1, threads: 8, processes: 1 }, to: { replicas: 2, threads: 8, processes: 1 }, reason: 'X', message: '' }));
    const moved = statusOf(observed({ featureServer: featureServer({}, { status: { mode: 'Auto', desiredReplicas: 4, decisions: former } }), deployment, recommendation: measured({ scale: { replicas: 6, threads: 8, processes: 1 } }) }));
    expect(moved.decisions).toHaveLength(10);
    expect(moved.decisions?.[0]).toMatchObject({ from: { replicas: 4 }, to: { replicas: 6 }, reason: 'CapacityShort', cpuAutoscalerWouldSay: 3, class: 'CPU', evidence: 'cpu 0.9', coverage: 1 });
    expect(moved.desiredReplicas).toBe(6);
  });

  it.each([
    ['stale: made on another size', measured({ scale: { replicas: 9, threads: 8, processes: 1 } }, now), 5, 5],
    ['too old', measured({ scale: { replicas: 9, threads: 8, processes: 1 } }, now - 60_000), 4, 4],
    ['fresh', measured({ scale: { replicas: 9, threads: 8, processes: 1 } }, now - 1_000), 4, 9],
  ])('acts on a recommendation only while it holds: %s', (_name, given, running, accepted) => {
    const picture = observed({ featureServer: featureServer({}, { status: { mode: 'Auto', desiredReplicas: running } }), deployment: { ...deployment, replicas: running }, recommendation: given });
    expect(statusOf(picture).desiredReplicas).toBe(accepted);
  });

  it('never reports an objective met from a lower bound', () => {
    const figures = { ...recommendation().measured, p95IsLowerBound: true };
    expect(condition(statusOf(observed({ deployment, recommendation: measured({ objectiveMet: true, measured: figures }) })), 'ObjectiveMet')).toMatchObject({ status: 'Unknown', reason: 'LowerBoundOnly' });
  });

  it('keeps the figures and the memory of the law until the first evaluation after a restart', () => {
    const before = { mode: 'Auto', autoscaling: { kept: true }, bottleneck: { class: 'CPU', since: 'then', evidence: '', advice: '' }, observed: { at: 'then', p95: '3ms' } };
    expect(statusOf(observed({ featureServer: featureServer({}, { status: before }), deployment }))).toMatchObject(before);
  });
});

describe('statusWrite', () => {
  const base = statusOf(observed({ deployment, recommendation: measured() }));
  it.each([
    ['nothing differs', base, { write: false }],
    ['only the memory of the law differs', { ...base, autoscaling: { other: 1 } }, { write: false }],
    ['a figure differs within the minute', { ...base, observed: { at: 'x', p95: '1ms' } }, { write: false, afterMs: 30_000 }],
    ['a count differs', { ...base, readyReplicas: 1 }, { write: true }],
    ['the class differs', { ...base, bottleneck: { class: 'OK' as const, since: '', evidence: '', advice: '' } }, { write: true }],
  ])('%s', (_name, next, expected) => {
    expect(statusWrite(base, next, now + 30_000, now)).toEqual(expected);
  });
  it('refreshes figures once the minute is over, and writes a first status at once', () => {
    expect(statusWrite(base, { ...base, observed: { at: 'x' } }, now + refreshMs, now)).toEqual({ write: true });
    expect(statusWrite(undefined, base, now, 0)).toEqual({ write: true });
  });
});
