/**
 * The peers' arithmetic against the numbers of their own tests.
 *
 * HorizontalPodAutoscaler: kubernetes/kubernetes, pkg/controller/podautoscaler/replica_calculator_test.go (Apache-2.0); CPU in thousandths of the request. One of its
 * numbers is left out: on the way down the controller takes a missing pod for one at 100 % of its request, where the documentation says 100 % of the target, and
 * that is what is built here. Knative: knative/serving, pkg/autoscaler/scaling/autoscaler_test.go (Apache-2.0); it hands the means of both windows over, here they are those of
 * one value. Quantiles: prometheus/prometheus, promql/promqltest/testdata/histograms.test (Apache-2.0).
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { fromAverageValue, fromPods, fromValue } from '../../../src/sim/policies/hpa-metrics.ts';
import type { PodReading } from '../../../src/sim/policies/hpa-metrics.ts';
import { defaultBehaviour } from '../../../src/sim/policies/hpa-behaviour.ts';
import { kedaRps } from '../../../src/sim/policies/hpa.ts';
import { defaultKpa, KpaScaler } from '../../../src/sim/policies/kpa.ts';
import { bucketQuantile } from '../../../src/sim/policies/measurements.ts';
import type { FleetView } from '../../../src/sim/policy.ts';
import { fleet, pods as loaded } from '../../core/autoscale/support/fleet.ts';

const TOLERANCE = 0.1;
/** Pods by their values; null: missing, `unready`: not ready. */
type Value = number | null | 'unready';
const pods = (values: readonly Value[]): PodReading[] => values.map((value) => (value === 'unready' ? { ready: false, value: null } : { ready: true, value }));

describe('HorizontalPodAutoscaler', () => {
  it.each<[string, number, readonly Value[], number, number]>([
    ['TestReplicaCalcScaleUp', 3, [300, 500, 700], 300, 5],
    ['TestReplicaCalcScaleUpUnreadyLessScale', 3, ['unready', 500, 700], 300, 4],
    ['TestReplicaCalcScaleUpUnreadyNoScale', 3, [400, 'unready', 'unready'], 300, 3],
    ['TestReplicaCalcScaleUpCM', 3, [20_000, 10_000, 30_000], 15_000, 4],
    ['TestReplicaCalcScaleDown', 5, [100, 300, 500, 250, 250], 500, 3],
    ['TestReplicaCalcScaleDownCM', 5, [12_000, 12_000, 12_000, 12_000, 12_000], 20_000, 3],
    ['TestReplicaCalcScaleDownIncludeUnreadyPods', 5, [100, 300, 500, 'unready', 'unready'], 500, 2],
    ['TestReplicaCalcScaleDownExcludeUnscheduledPods', 5, [100, 'unready', 'unready', 'unready', 'unready'], 500, 1],
    ['TestReplicaCalcToleranceCM', 3, [20_000, 21_000, 21_000], 20_000, 3],
    ['TestReplicaCalcMissingMetrics', 4, [400, 95, null, null], 1000, 3],
    ['TestReplicaCalcMissingMetricsNoChangeEq', 2, [1000, null], 1000, 2],
    ['TestReplicaCalcMissingMetricsNoChangeGt', 2, [1900, null], 1000, 2],
    ['TestReplicaCalcMissingMetricsNoChangeLt', 2, [600, null], 1000, 2],
    ['TestReplicaCalcMissingMetricsUnreadyChange', 3, ['unready', 450, null], 500, 3],
    ['TestReplicaCalcMissingMetricsUnreadyScaleUp', 3, ['unready', 2000, null], 500, 4],
  ])('%s: of the pods', (_name, current, values, target, expected) => {
    expect(fromPods(current, pods(values), target, TOLERANCE)).toBe(expected);
  });

  it.each([
    ['TestReplicaCalcScaleUpCMObject', { current: 3, ready: 3, value: 20_000, target: 15_000 }, 4],
    ['TestReplicaCalcScaleUpCMObjectIgnoresUnreadyPods', { current: 3, ready: 1, value: 50_000, target: 10_000 }, 5],
    ['TestReplicaCalcScaleUpCMExternal', { current: 1, ready: 1, value: 8600, target: 4400 }, 2],
    ['TestReplicaCalcScaleUpCMExternalIgnoresUnreadyPods', { current: 3, ready: 1, value: 8600, target: 4400 }, 2],
    ['TestReplicaCalcScaleDownCMObject', { current: 5, ready: 5, value: 12_000, target: 20_000 }, 3],
    ['TestReplicaCalcScaleDownCMExternal', { current: 5, ready: 5, value: 8600, target: 14_334 }, 3],
    ['TestReplicaCalcToleranceCMObject', { current: 3, ready: 3, value: 20_666, target: 20_000 }, 3],
    ['TestReplicaCalcToleranceCMExternal', { current: 3, ready: 3, value: 8600, target: 8888 }, 3],
  ])('%s: of one value', (_name, { current, ready, value, target }, expected) => {
    expect(fromValue(current, ready, value, target, TOLERANCE)).toBe(expected);
  });

  it.each([
    ['TestReplicaCalcScaleUpCMPerPodObject', 3, 20_000, 5000, 4],
    ['TestReplicaCalcScaleUpPerPodCMExternal', 3, 8600, 2150, 4],
    ['TestReplicaCalcScaleDownPerPodCMObject', 5, 6000, 2000, 3],
    ['TestReplicaCalcScaleDownPerPodCMExternal', 5, 8600, 2867, 3],
    ['TestReplicaCalcTolerancePerPodCMObject', 4, 20_166, 5000, 4],
    ['TestReplicaCalcTolerancePerPodCMExternal', 3, 8600, 2900, 3],
  ])('%s: of a sum', (_name, current, total, each, expected) => {
    expect(fromAverageValue(current, total, each, TOLERANCE)).toBe(expected);
  });
});

describe('Knative', () => {
  const bounds = { min: 0, max: 10_000 };

  it.each([
    ['TestAutoscalerPanicModeExponentialTrackAndStabilize', 1, 1, 6, 6],
    ['TestAutoscalerPanicModeExponentialTrackAndStabilize', 1, 6, 36, 36],
    ['TestAutoscalerStableModeIncreaseWithConcurrencyDefault', 10, 1, 50, 5],
    ['TestAutoscalerStableModeIncreaseWithConcurrencyDefault', 10, 1, 100, 10],
    ['TestAutoscalerStableModeDecrease', 10, 8, 100, 10],
    ['TestAutoscalerStableModeDecrease', 10, 8, 50, 5],
    ['TestAutoscalerStableModeNoTrafficScaleToZero', 10, 1, 1, 1],
    ['TestAutoscalerStableModeNoTrafficScaleToZero', 10, 1, 0, 0],
  ])('%s: at a target of %d, %d ready pods with %d inside become %d', (_name, target, ready, concurrency, expected) => {
    expect(new KpaScaler({ ...defaultKpa, bounds, target }).decide(0, ready, concurrency)).toBe(expected);
  });

  it('TestAutoscalerScaleDownDelay', () => {
    const scaler = new KpaScaler({ ...defaultKpa, bounds, target: 10, maxScaleDown: 10, maxScaleUp: 10, panicThreshold: 100, scaleDownDelaySeconds: 300 });
    const at = (seconds: number, concurrency: number): number => scaler.decide(seconds, 0, concurrency);
    expect([at(2, 40), at(300, 0), at(302, 0)]).toEqual([4, 4, 0]);
    expect([at(540, 40), at(600, 30), at(660, 0), at(840, 0), at(900, 0)]).toEqual([4, 4, 4, 3, 0]);
  });
});

describe('KEDA', () => {
  it('asks for its metric every polling interval, and hands the same value over in between', () => {
    const policy = kedaRps({ bounds: { min: 1, max: 100 }, behaviour: defaultBehaviour, tolerance: TOLERANCE, syncSeconds: 15 }, 10, 30);
    const desired = [20, 100, 100].map((rate, index) => {
      const scale = { replicas: 2, threads: 4, processes: 1 };
      const view: FleetView = { now: 15 * index, nowMs: 15_000 * index, scale, coreLimit: 1, window: () => fleet(scale, loaded(2, { rate: rate / 2 })), arrivals: () => 0 };
      return policy.decide(view).inputs['desired'];
    });
    expect(desired).toEqual([2, 2, 10]);
  });
});

describe('histogram_quantile', () => {
  const histogram = { edges: [0.1, 0.2, 1], counts: [5, 2, 4, 1], sum: 5 };

  it.each([
    [0.2, 0.048],
    [0.5, 0.15],
    [0.8, 0.72],
    // What lies above the last finite edge reads as that edge.
    [0.99, 1],
  ])('of %d is %d', (share, expected) => {
    expect(bucketQuantile([histogram], share)).toBeCloseTo(expected, 9);
    expect(bucketQuantile([histogram, histogram], share)).toBeCloseTo(expected, 9);
  });

  it('is null without observations', () => {
    expect(bucketQuantile([], 0.95)).toBeNull();
    expect(bucketQuantile([{ ...histogram, counts: [0, 0, 0, 0] }], 0.95)).toBeNull();
  });
});
