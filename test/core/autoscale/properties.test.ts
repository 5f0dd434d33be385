import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { AutoscaleSpec, FleetWindow, Histogram, PodSample, PodWindow, RecommendInput } from '../../../src/core/autoscale/types.ts';
import { fleet, input, pod, pods, spec, start } from './support/fleet.ts';

const anyNumber = fc.oneof(
  fc.double(),
  fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, -0, Number.MAX_VALUE, Number.MIN_VALUE, 1e300),
  fc.integer({ min: 0, max: 100_000 }),
);
const anyOrNull = fc.option(anyNumber);
const anyHistogram: fc.Arbitrary<Histogram> = fc.record({
  edges: fc.array(anyNumber, { maxLength: 8 }),
  counts: fc.array(anyNumber, { maxLength: 9 }),
  sum: anyNumber,
});

const anySample: fc.Arbitrary<PodSample> = fc.record({
  seconds: anyNumber, ageSeconds: anyNumber,
  model: fc.constantFrom('threads', 'processes', 'eventloop'), knob: fc.constantFrom('threads', 'inflight'), gil: fc.constantFrom('on', 'off', 'none'),
  queueVisible: fc.boolean(),
  threads: anyNumber, processes: anyNumber, generation: anyNumber, arrivals: anyNumber, completions: anyNumber, rejected: anyNumber, serverErrors: anyNumber,
  inflightSeconds: anyNumber, busyThreadSeconds: anyOrNull, inflight: anyNumber, queueDepth: anyNumber, cpuSeconds: anyNumber, busiestProcessCpuSeconds: anyOrNull,
  loopLagSeconds: anyOrNull, gilWaitSeconds: anyOrNull, gilProbeSeconds: anyOrNull, gilWaitingThreadSeconds: anyOrNull, runqueueWaitSeconds: anyOrNull,
  throttledSeconds: anyOrNull, throttledPeriods: anyOrNull, cpuPeriods: anyOrNull, lockWaitSeconds: anyOrNull,
  request: anyHistogram, queue: anyHistogram, service: anyHistogram, store: anyHistogram,
});

/** A believable pod, some of whose numbers are then spoilt. */
const spoiltSample: fc.Arbitrary<PodSample> = fc
  .tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 32 }), fc.subarray(['arrivals', 'cpuSeconds', 'inflightSeconds', 'threads', 'ageSeconds'] as const), anyNumber)
  .map(([rate, threads, spoilt, value]) => {
    const { sample } = pod('p', { rate, threads });
    if (sample === null) throw new Error('the fixture has a sample');
    return { ...sample, ...Object.fromEntries(spoilt.map((name) => [name, value])) };
  });

const anyPod: fc.Arbitrary<PodWindow> = fc.record({
  name: fc.string({ maxLength: 8 }), node: fc.option(fc.string({ maxLength: 4 })), templateHash: fc.constantFrom('a', 'b'), ready: fc.boolean(),
  startedAt: fc.option(fc.oneof(anyNumber, fc.constant(start - 60_000))), readyAt: anyOrNull, coreLimit: fc.option(fc.oneof(anyNumber, fc.constantFrom(0.5, 1, 4))),
  sample: fc.option(fc.oneof(anySample, spoiltSample, spoiltSample)),
});

const sane = (low: number, high: number) => fc.integer({ min: low, max: high });
const range = (highest: number) => fc.tuple(sane(1, highest), sane(1, highest)).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

const saneSpec: fc.Arbitrary<AutoscaleSpec> = fc.record({
  mode: fc.constantFrom('Auto', 'Recommend', 'Off', 'ReplicasOnly', 'ThreadsOnly'), paused: fc.boolean(), objectiveMs: sane(1, 500),
  replicas: range(60), threads: range(64).map((threads) => ({ ...threads, initial: threads.min })), processes: range(8),
  maxConcurrency: fc.option(sane(1, 4000)), warmUpMs: sane(0, 20_000),
  scaleUp: fc.record({ maxPods: sane(1, 8), maxPercent: sane(1, 200), periodMs: sane(1000, 30_000) }),
  scaleDown: fc.record({ enabled: fc.boolean(), stabilizationMs: sane(1000, 300_000), maxPercentPerMinute: sane(1, 100) }),
  evaluation: fc.record({ periodMs: sane(1000, 5000), windowMs: sane(2000, 15_000) }),
});

const anyFleet: fc.Arbitrary<FleetWindow> = fc.record({
  current: fc.record({ replicas: sane(0, 80), threads: sane(1, 80), processes: sane(1, 10) }),
  readyReplicas: sane(0, 80), terminating: sane(0, 10), rollingOut: fc.boolean(), templateHash: fc.constantFrom('a', 'b'),
  blocked: fc.option(fc.record({ reason: fc.constantFrom('Quota', 'Unschedulable', 'Image'), message: fc.string(), since: anyNumber })),
  pods: fc.array(anyPod, { maxLength: 12 }),
});

/** Memory of another evaluation, memory of nobody, and anything else. */
const anyMemory = fc.oneof(
  fc.anything(),
  fc.constant(null),
  anyFleet.map((windows) => recommend(input(windows, { now: start - 5000 })).memory),
);
const anyInput: fc.Arbitrary<RecommendInput> = fc.record({ spec: saneSpec, windows: anyFleet, memory: anyMemory, now: fc.oneof(fc.constant(start), anyNumber) });

const movesPods = ({ mode }: AutoscaleSpec): boolean => mode !== 'ThreadsOnly';
const movesThreads = ({ mode }: AutoscaleSpec): boolean => mode !== 'ReplicasOnly';

describe('whatever comes in', () => {
  it('gives an answer of finite numbers, without throwing', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        const { scale, message, memory, measured } = recommend(given);
        for (const value of Object.values(scale)) expect(Number.isInteger(value)).toBe(true);
        expect(message).not.toMatch(/NaN|Infinity|undefined/u);
        for (const value of Object.values(measured)) if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
      }),
      { numRuns: 500 },
    );
  });

  it('survives a spec of nonsense', () => {
    fc.assert(
      fc.property(saneSpec, anyFleet, fc.infiniteStream(anyNumber), (base, windows, numbers) => {
        const any = (): number => numbers.next().value ?? NaN;
        const nonsense = {
          ...base, objectiveMs: any(), replicas: { min: any(), max: any() }, threads: { min: any(), max: any(), initial: any() },
          processes: { min: any(), max: any() }, warmUpMs: any(), evaluation: { periodMs: any(), windowMs: any() }, maxConcurrency: any(),
        };
        for (const value of Object.values(recommend({ spec: nonsense, windows, memory: null, now: start }).scale)) expect(value).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('gives the same answer to the same question', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        expect(recommend(given)).toEqual(recommend(given));
      }),
    );
  });

  it('gives the same answer when window and memory have been written down as JSON', () => {
    fc.assert(
      fc.property(saneSpec, sane(1, 12), sane(0, 3000), sane(1, 32), anyFleet, (spec, count, load, threads, before) => {
        const windows = fleet({ replicas: count, threads, processes: 1 }, pods(count, { rate: load / count, threads }));
        const live = { spec, windows, memory: recommend({ spec, windows: before, memory: null, now: start - 5000 }).memory, now: start };
        expect(recommend(JSON.parse(JSON.stringify(live)))).toEqual(recommend(live));
      }),
    );
  });

  it('keeps within minimum and maximum of each knob that it turns', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        const { scale } = recommend(given);
        const { current } = given.windows;
        const within = (value: number, { min, max }: { min: number; max: number }) => value >= min && value <= max;
        // The cap on concurrency lowers threads and processes, but never below their minimum.
        if (movesPods(given.spec)) expect(within(scale.replicas, given.spec.replicas)).toBe(true);
        else expect(scale.replicas).toBe(current.replicas);
        if (movesThreads(given.spec)) {
          expect(within(scale.threads, given.spec.threads)).toBe(true);
          expect(within(scale.processes, given.spec.processes)).toBe(true);
        } else expect([scale.threads, scale.processes]).toEqual([current.threads, current.processes]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the fleet under its concurrency cap, unless even the minima are over it', () => {
    fc.assert(
      fc.property(anyInput, sane(1, 3000), (given, cap) => {
        const { scale } = recommend({ ...given, spec: { ...given.spec, mode: 'Auto', maxConcurrency: cap } });
        const { replicas, threads, processes } = given.spec;
        const extra = given.windows.terminating + Math.max(0, given.windows.pods.length - given.windows.current.replicas);
        const asked = (scale.replicas + extra) * scale.threads * scale.processes;
        expect(asked <= cap || scale.replicas === replicas.min).toBe(true);
        expect(asked <= cap || (scale.threads === threads.min && scale.processes === processes.min)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never grows faster than the rate allows, nor shrinks faster', () => {
    fc.assert(
      fc.property(anyInput, (given) => {
        const { spec, windows: { current } } = given;
        fc.pre(current.replicas >= spec.replicas.min && current.replicas <= spec.replicas.max && spec.maxConcurrency === null);
        const most = Math.max(current.replicas + spec.scaleUp.maxPods, Math.floor(current.replicas * (1 + spec.scaleUp.maxPercent / 100)));
        expect(recommend(given).scale.replicas).toBeLessThanOrEqual(most);
        // Without memory the present size is all that there has been; a stabilization that is over lets the way down be seen.
        const fresh = { ...given, spec: { ...spec, scaleDown: { ...spec.scaleDown, stabilizationMs: 0 } }, memory: null };
        const { scale } = recommend(fresh);
        expect(scale.replicas).toBeLessThanOrEqual(most);
        expect(scale.replicas).toBeGreaterThanOrEqual(current.replicas - Math.max(1, Math.floor((current.replicas * spec.scaleDown.maxPercentPerMinute) / 100)));
      }),
      { numRuns: 400 },
    );
  });

  it('is still one of all this for a thousand pods', () => {
    fc.assert(
      fc.property(saneSpec, fc.array(fc.oneof(anyPod, fc.constant(null)), { minLength: 20, maxLength: 20 }), sane(1, 3000), (spec, kinds, rate) => {
        const good = pod('p', { rate });
        const all = Array.from({ length: 1000 }, (_, index) => ({ ...(kinds[index % kinds.length] ?? good), name: `p${index}` }));
        const answer = recommend({ spec, windows: fleet({ replicas: 1000, threads: 8, processes: 1 }, all), memory: null, now: start });
        expect(answer.message).not.toMatch(/NaN|Infinity|undefined/u);
        if (movesPods(spec)) expect(answer.scale.replicas).toBeLessThanOrEqual(spec.replicas.max);
        expect(Buffer.byteLength(JSON.stringify(answer.memory))).toBeLessThan(8192);
      }),
      { numRuns: 30 },
    );
  });

  it('remembers in less than 8 KiB', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyFleet, sane(1, 20_000)), { minLength: 20, maxLength: 60 }), saneSpec, (steps, spec) => {
        let memory: unknown = null;
        let now = start;
        for (const [windows, ms] of steps) {
          now += ms;
          ({ memory } = recommend({ spec, windows, memory, now }));
        }
        expect(Buffer.byteLength(JSON.stringify(memory))).toBeLessThan(8192);
      }),
      { numRuns: 25 },
    );
  });
});

describe('missing data', () => {
  it('never turns the direction', () => {
    // Processes stand still, and pods are judged in ReplicasOnly: where another knob has to come first the rest waits, and that is not what this is about.
    const at = { replicas: 15, threads: 24, processes: 1 };
    const cases = (['ReplicasOnly', 'ThreadsOnly'] as const).map((mode) => ({
      mode, calm: spec({ mode, threads: { min: 1, max: 64 }, scaleDown: { stabilizationMs: 0 } }), knob: mode === 'ReplicasOnly' ? ('replicas' as const) : ('threads' as const),
    }));
    fc.assert(
      fc.property(fc.constantFrom(...cases), sane(2, 15), sane(0, 4000), fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }), ({ calm, knob }, count, load, missing) => {
        const current = { ...at, replicas: count };
        const all = pods(count, { rate: load / count, threads: at.threads });
        const warm = recommend(input(fleet(current, all), { spec: calm, now: start - 5000 })).memory;
        const step = (window: FleetWindow) => Math.sign(recommend(input(window, { spec: calm, memory: warm })).scale[knob] - current[knob]);
        const whole = step(fleet(current, all));
        const holes = step(fleet(current, all.map((one, index) => (missing[index] === true ? { ...one, sample: null } : one))));
        expect([0, whole]).toContain(holes);
      }),
      { numRuns: 400 },
    );
  });

  it('does not take threads away that the pods which are silent need', () => {
    // 10 pods at 300/s of 400 each: with four of them silent the demand that is heard would do with a quarter fewer threads.
    const load = { rate: 300, cpu: 0.0025, store: 0.0195, threads: 20 };
    const current = { replicas: 10, threads: 20, processes: 1 };
    const at = (silent: number) => fleet(current, pods(10, load).map((one, index) => (index < silent ? { ...one, sample: null } : one)));
    const calm = spec({ mode: 'ThreadsOnly', threads: { min: 1, max: 64 }, scaleDown: { stabilizationMs: 0 } });
    let memory: unknown = null;
    for (let step = 0; step < 8; step += 1) ({ memory } = recommend(input(at(0), { spec: calm, memory, now: start + 5000 * step })));
    expect(recommend(input(at(4), { spec: calm, memory, now: start + 40_000 })).scale.threads).toBe(20);
  });
});
