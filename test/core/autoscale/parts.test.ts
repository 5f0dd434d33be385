import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { featureServerSchema } from '../../../src/api/featureserver.ts';
import { plannedRate, podCapacity, targetUtilisation, threadFloor } from '../../../src/core/autoscale/capacity.ts';
import type { PodModel } from '../../../src/core/autoscale/capacity.ts';
import { expectedDemand, growth } from '../../../src/core/autoscale/demand.ts';
import { isHistogram, mergeHistograms, observations, quantile } from '../../../src/core/autoscale/histogram.ts';
import { cpuPerRequest } from '../../../src/core/autoscale/learn.ts';
import { measure } from '../../../src/core/autoscale/measure.ts';
import { predictP95 } from '../../../src/core/autoscale/predict.ts';
import { response95, shareThatMeets } from '../../../src/core/autoscale/response.ts';
import { addToSlots, extremeOfSlots } from '../../../src/core/autoscale/slots.ts';
import type { Slot } from '../../../src/core/autoscale/slots.ts';
import { autoscaleSpec, parseCores } from '../../../src/core/autoscale/spec.ts';
import type { Histogram } from '../../../src/core/autoscale/types.ts';
import { fleet, pods, spec, start } from './support/fleet.ts';

const measured = (rate: number, part = {}) => ({ ...measure(fleet({ replicas: 1, threads: 8, processes: 1 }, pods(1, { rate })), spec(), start, null), ...part });

describe('histograms', () => {
  const some = fc
    .uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 12 })
    .chain((edges) => fc.array(fc.nat(50), { minLength: edges.length + 1, maxLength: edges.length + 1 }).map((counts): Histogram => ({ edges: edges.map((edge) => edge / 1000).sort((a, b) => a - b), counts, sum: 1 })));

  it('loses no observation when pods have different edges', () => {
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 10 }), (all) => {
        const merged = mergeHistograms(all);
        expect(isHistogram(merged)).toBe(true);
        expect(observations(merged)).toBeCloseTo(all.reduce((total, one) => total + observations(one), 0));
        expect(merged.sum).toBeCloseTo(all.length);
      }),
    );
  });

  it('merges equal edges exactly, and never the quantiles', () => {
    const fast: Histogram = { edges: [0.01, 0.1, 1], counts: [900, 0, 0, 0], sum: 9 };
    const slow: Histogram = { edges: [0.01, 0.1, 1], counts: [0, 0, 100, 0], sum: 50 };
    expect(mergeHistograms([fast, slow]).counts).toEqual([900, 0, 100, 0]);
    expect(quantile(mergeHistograms([fast, slow]), 0.95)).toBeCloseTo(0.55);
  });

  it('knows exactly whether 95 % are within an edge', () => {
    const at = (within: number): Histogram => ({ edges: [0.04, 0.05, 0.06], counts: [0, within, 100 - within, 0], sum: 5 });
    expect(quantile(at(95), 0.95)).toBeLessThanOrEqual(0.05);
    expect(quantile(at(94), 0.95)).toBeGreaterThan(0.05);
  });

  it('is null without observations and the last edge above it', () => {
    expect(quantile({ edges: [1], counts: [0, 0], sum: 0 }, 0.95)).toBeNull();
    expect(quantile({ edges: [1], counts: [0, 5], sum: 50 }, 0.95)).toBe(1);
  });
});

describe('coverage', () => {
  const young = (seconds: number) => ({ ...pods(1, { rate: 0, pod: { name: 'young', ready: false, readyAt: null, startedAt: start - 1000 * seconds } })[0], sample: null });
  const covered = (others: ReturnType<typeof young>[]) => {
    const [first] = pods(1, { rate: 100 });
    const all = [first, ...others].filter((pod) => pod !== undefined).map((pod, index) => ({ ...pod, name: `pod-${index}` })) as ReturnType<typeof pods>;
    return measure(fleet({ replicas: all.length, threads: 8, processes: 1 }, all), spec(), start, null);
  };

  it.each([
    ['one on its way', [young(3)], 1],
    ['one that has just become ready and was scraped once', [young(25)], 1],
    ['three on their way', [young(1), young(3), young(8)], 1],
    ['one that should have answered long ago', [young(60)], 0.5],
    ['one late and one on its way', [young(60), young(3)], 0.5],
  ])('with %s', (_case, others, expected) => {
    const facts = covered(others);
    expect(facts.coverage).toBe(expected);
    expect(facts.pods.silent).toBe(others.length);
  });
});

describe('busy slots', () => {
  it('are all of them while a queue stands, whether the server counts them or not', () => {
    const sample = { queueDepth: 40 };
    const uncounted = measure(fleet({ replicas: 1, threads: 8, processes: 1 }, pods(1, { rate: 400, sample })), spec(), start, null);
    const counted = measure(fleet({ replicas: 1, threads: 8, processes: 1 }, pods(1, { rate: 400, sample: { ...sample, busyThreadSeconds: 119 } })), spec(), start, null);
    expect(uncounted.busySlots).toBeGreaterThan(7);
    expect(counted.busySlots).toBeCloseTo(119 / 15);
  });
});

describe('slots', () => {
  it('hold the extreme of a span, in a bounded number, erring to the careful side', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.nat(100)), { minLength: 1, maxLength: 200 }), (steps) => {
        let [slots, now]: [Slot[], number] = [[], start];
        const seen: [number, number][] = [];
        for (const [ms, value] of steps) {
          now += ms;
          slots = addToSlots(slots, value, now, 60_000, Math.max);
          seen.push([now, value]);
          const exact = Math.max(...seen.filter(([at]) => at > now - 60_000).map(([, one]) => one));
          const careful = Math.max(...seen.filter(([at]) => at > now - 70_000).map(([, one]) => one));
          const found = extremeOfSlots(slots, value, now, Math.max, { spanMs: 60_000 });
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found).toBeLessThanOrEqual(careful);
        }
        expect(slots.length).toBeLessThanOrEqual(20);
      }),
    );
  });

  it('end with the span where values come further apart than a slot is long', () => {
    // A pod each second, looked at each five, a period of fifteen: what was fifteen seconds ago is over, give or take the milliseconds of a clock.
    let slots: Slot[] = [];
    for (let second = 0; second <= 15; second += 5) slots = addToSlots(slots, second + 1, start + 1000 * second, 15_000, Math.min);
    const lowest = (betweenMs: number, late = 0) => extremeOfSlots(slots, 16, start + 15_000 + late, Math.min, { spanMs: 15_000, betweenMs });
    expect([lowest(5000), lowest(5000, -20), lowest(5000, 20), lowest(500)]).toEqual([6, 6, 6, 1]);
  });

  it('err to the careful side also where one looks back over less than they are kept for', () => {
    let slots: Slot[] = [];
    // A wish at the end of the first slot, which is 37.5 s long.
    for (let second = 0; second <= 35; second += 5) slots = addToSlots(slots, second === 35 ? 9 : 1, start + 1000 * second, 600_000, Math.max);
    const after = (second: number) => extremeOfSlots(slots, 1, start + 1000 * (35 + second), Math.max, { spanMs: 300_000, keptMs: 600_000 });
    expect([after(299), after(340)]).toEqual([9, 1]);
  });
});

describe('a predicted p95', () => {
  it('is null where a lock decides: how it is held is not known', () => {
    const free: PodModel = { cpu: 0.001, store: 0, store95: 0, service95: 0.02, hold: 0.02, target: 0.5, unreachable: false, singleCore: true, coreLimit: 2, coreShare: 1, lockRate: Infinity };
    expect(predictP95(free, 40, 12, 1)).toBeGreaterThan(0);
    expect(predictP95({ ...free, lockRate: 50 }, 40, 12, 1)).toBeNull();
  });
});

describe('the pod model', () => {
  const model = (change: Partial<PodModel> = {}): PodModel => ({
    cpu: 0.005, store: 0.02, store95: 0.03, service95: 0.008, hold: 0.025, target: 0.8, unreachable: false, singleCore: true, coreLimit: 2, coreShare: 1, lockRate: Infinity, ...change,
  });

  it.each([
    ['the loop', {}, 32, 1, 200],
    ['the cores', {}, 32, 4, 400],
    ['the slots', {}, 2, 1, 80],
    ['the limit, where a process may use all cores', { singleCore: false }, 32, 1, 400],
    ['what a neighbour leaves of the core', { coreShare: 0.25 }, 32, 1, 50],
    ['a lock', { lockRate: 30 }, 32, 1, 30],
  ])('is bounded by %s', (_name, change, threads, processes, capacity) => {
    expect(podCapacity(model(change), threads, processes)).toBeCloseTo(capacity);
  });

  it('has a thread floor that covers λ(s+d) with room for the tail, and stops at what the CPU can answer', () => {
    expect(threadFloor(model(), 100, 1)).toBe(6);
    expect(threadFloor(model(), 100, 2)).toBe(3);
    expect(threadFloor(model(), 5000, 1)).toBe(threadFloor(model(), 200, 1));
  });

  it('never plans for more than its slots or its CPU can take', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 4 }), fc.double({ min: 0.001, max: 0.2, noNaN: true }), (threads, processes, hold) => {
        const one = model({ hold });
        expect(plannedRate(one, threads, processes)).toBeLessThanOrEqual(podCapacity(one, threads, processes) + 1e-9);
      }),
    );
  });

  it.each([
    ['as much as is ever planned, where that meets it', 0.1, { store95: 0.02, service95: 0.01 }, 0.5],
    // 0.01 + 0.008/(1-p) + hypot(0.01, 0.016/(1-p)) = 0.06 at p = 0.5.
    ['what meets it', 0.01 + 0.016 + Math.hypot(0.01, 0.032), { cpu: 0.008, store: 0.01, store95: 0.02, service95: 0.024 }, 0.5],
    ['the least, where nothing does', 0.1, { store95: 0.02, service95: 0.3 }, 0.3],
    ['0.7 where the store alone takes longer', 0.02, { store95: 0.03, service95: 0.01 }, 0.7],
  ])('plans with %s', (_what, objective, times, target) => {
    expect(targetUtilisation(objective, { cpu: 0.005, store: 0.01, ...times })).toBeCloseTo(target, 5);
  });

  it('plans with a share whose p95 meets the objective, and no more than a hair above does', () => {
    const times = fc.record({ cpu: fc.double({ min: 1e-4, max: 0.05, noNaN: true }), spread: fc.double({ min: 0, max: 0.1, noNaN: true }), store: fc.double({ min: 0, max: 0.1, noNaN: true }), tail: fc.double({ min: 0, max: 0.1, noNaN: true }) });
    fc.assert(
      fc.property(times, fc.double({ min: 0.001, max: 1, noNaN: true }), ({ cpu, spread, store, tail }, objective) => {
        const request = { cpu, service95: cpu + spread, store, store95: store + tail };
        const share = shareThatMeets(objective, request, 0.3, 0.8);
        expect(share === 0.3 || response95(request, share) <= objective).toBe(true);
        expect(share === 0.8 || response95(request, share + 1e-6) > objective).toBe(true);
      }),
    );
  });

  it('predicts a p95 that rises with the load and falls with threads', () => {
    const [low, high] = [predictP95(model(), 50, 16, 1), predictP95(model(), 150, 16, 1)];
    expect(low).toBeLessThan(high ?? 0);
    expect(predictP95(model(), 50, 2, 1)).toBeGreaterThan(low ?? Infinity);
    expect(predictP95(model(), 250, 32, 1)).toBeNull();
  });
});

describe('the cost of a request', () => {
  it('does not charge background work to requests, where the rate varies enough to tell', () => {
    const points = [10, 20, 30, 40, 50, 60].map((rate): [number, number] => [rate, 0.05 + rate * 0.004]);
    expect(cpuPerRequest(measured(60, { cpuPerRequest: 0.05 / 60 + 0.004, podRate: 60 }), points)).toBeCloseTo(0.004);
  });

  it('is plain division while the rate does not vary, and at a high rate the slope may not stray from it', () => {
    const flat = [50, 50, 51, 50, 50, 51].map((rate): [number, number] => [rate, 0.2]);
    expect(cpuPerRequest(measured(50, { cpuPerRequest: 0.004, podRate: 50 }), flat)).toBe(0.004);
    const wild = [100, 200, 300, 400, 500, 600].map((rate): [number, number] => [rate, 2 - rate * 0.001]);
    expect(cpuPerRequest(measured(600, { cpuPerRequest: 0.004, podRate: 600 }), wild)).toBeCloseTo(0.004 - 0.1 / 600);
  });
});

describe('demand', () => {
  const history = (rates: number[]): Slot[] => rates.map((rate, index) => [start - 1000 * 5 * (rates.length - 1 - index), rate]);

  it('looks ahead on a rise and not on noise', () => {
    expect(growth(history([100, 110, 120, 130, 140]))).toBeCloseTo(2);
    expect(growth(history([100, 108, 95, 103, 99, 104]))).toBe(0);
    expect(growth(history([200, 150, 100, 50]))).toBe(0);
  });

  it('counts the higher of the short and the long window, and the backlog', () => {
    expect(expectedDemand(history([100, 100, 100, 100]), measured(50, { backlog: 0 }), spec())).toBeCloseTo(100);
    expect(expectedDemand(history([100, 100, 100, 100]), measured(400, { backlog: 300 }), spec())).toBeCloseTo(410);
  });
});

describe('the spec', () => {
  const featureServer = (part: object) =>
    featureServerSchema.parse({
      apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer',
      metadata: { name: 'a', namespace: 'b', uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z', annotations: { 'plateau.dev/paused': 'true' } },
      spec: { objective: { p95: '30ms' }, server: { builtin: { featureStore: { secret: { name: 's' } } } }, ...part },
    });

  it('is read in milliseconds, with its documented defaults', () => {
    expect(autoscaleSpec(featureServer({}))).toMatchObject({
      mode: 'Auto', paused: true, objectiveMs: 30, replicas: { min: 2, max: 10 }, maxConcurrency: null, warmUpMs: 10_000, processes: { min: 1, max: 1 },
      scaleDown: { stabilizationMs: 300_000 }, evaluation: { periodMs: 5000, windowMs: 15_000 },
    });
  });

  it.each([
    ['4', undefined, 4], ['3900m', undefined, 3], ['500m', undefined, 1], [undefined, undefined, 1], ['4', 2, 2], ['nonsense', undefined, 1],
  ])('allows, with a CPU limit of %s and processes.max %s, %i processes', (cpu, max, expected) => {
    const resources = cpu === undefined ? {} : { resources: { limits: { cpu } } };
    expect(autoscaleSpec(featureServer({ ...resources, pool: { processes: max === undefined ? {} : { max } } })).processes.max).toBe(expected);
  });

  it.each([['waitress', 1], ['gunicorn', 4], ['gunicorn-asgi', 4], ['uvicorn', 4]])('allows %s under a limit of four cores %i processes', (server, expected) => {
    const python = { image: 'shop:1', app: 'main:app', server };
    expect(autoscaleSpec(featureServer({ server: { python }, resources: { limits: { cpu: '4' } } })).processes.max).toBe(expected);
  });

  it.each([['2', 2], ['250m', 0.25], [1.5, 1.5], ['0', null], ['-1', null], ['x', null], [null, null]])('reads %s as %s cores', (quantity, cores) => {
    expect(parseCores(quantity)).toBe(cores);
  });
});
