import { describe, expect, it } from '@jest/globals';
import { parseMemory } from '../../../src/core/autoscale/memory.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { PodSample } from '../../../src/core/autoscale/types.ts';
import type { PodLoad } from './support/fleet.ts';
import { fleet, histogram, input, pods, spec, start } from './support/fleet.ts';
import { everySeconds, follow, full, seconds } from './support/full-pool.ts';

/** A pod with little to do. */
const calm: PodLoad = { rate: 60, threads: 8, cores: 4, cpu: 0.002, store: 0.004, sample: { model: 'threads', knob: 'threads', loopLagSeconds: null } };

describe('a full pool tells what it waits for when its size changes', () => {
  it('STORE: half as many slots again, no more answers, a slower store; nothing is added, and the slots that only wait go', () => {
    const small = full(8, 200, 400, 0.036);
    const large = full(12, 205, 400, 0.055);
    const answers = follow([[2, small], [2, small], [2, large], [2, large], [2, large]]);
    expect(answers.map(({ class: found }) => found)).toEqual(['THREADS', 'THREADS', 'THREADS', 'THREADS', 'STORE']);
    expect(answers.at(-1)).toMatchObject({ reason: 'StoreFull', scale: { replicas: 2, threads: 8 } });
    expect(answers.at(-1)?.evidence).toBe('24 slots get 410/s from the store at 55 ms, 16 slots got 400/s at 36 ms');
  });

  it.each<[string, number, string]>([
    ['lags by a tiny part of what the store takes: STORE', 0.003, 'STORE'],
    ['lags by so much that it may itself be what the requests wait for: the slots are all that is known', 0.02, 'THREADS'],
  ])('a loop with a quarter of its core left that %s', (_what, lag, found) => {
    const loop = (threads: number, store: number) => {
      const cpu = 200 * seconds * 0.00375;
      return full(threads, 200, 400, store, { model: 'eventloop', knob: 'inflight', cpuSeconds: cpu, busiestProcessCpuSeconds: cpu, loopLagSeconds: lag * seconds });
    };
    const large = loop(12, 0.055);
    const classes = follow([[2, loop(8, 0.036)], [2, loop(8, 0.036)], [2, large], [2, large], [2, large]]).map((answer) => answer.class);
    expect(classes).toEqual(['THREADS', 'THREADS', 'THREADS', 'THREADS', found]);
  });

  describe('a pool that fills while requests take longer inside than on calm days', () => {
    // Full at this moment, half full over the window.
    const filling = full(8, 100, 220, 0.036, { busyThreadSeconds: 5 * seconds, inflight: 60, queueDepth: 52 });
    const threads = (answers: ReturnType<typeof follow>) => answers.map(({ scale }) => scale.threads);

    it('is seen for a window before it is raised: the raise is then compared with it', () => {
      const answers = everySeconds(5, [calm, calm, filling, filling, full(8, 100, 220, 0.072)]);
      expect(threads(answers).slice(0, 4)).toEqual([8, 8, 8, 8]);
      expect(answers.at(-1)).toMatchObject({ class: 'THREADS', reason: 'ThreadsBelowFloor' });
      expect(threads(answers).at(-1)).toBeGreaterThan(8);
      expect(parseMemory(answers.at(-1)?.memory)?.full.map(({ slots }) => slots)).toEqual([8]);
    });

    it('is raised after a window and an evaluation, though bursts never fill one and the pool is not found full each time', () => {
      const answers = everySeconds(5, [calm, calm, filling, filling, calm, filling, filling, calm, filling]);
      expect(answers.map(({ class: found }) => found).slice(5)).toEqual(['THREADS', 'THREADS', 'THREADS', 'THREADS']);
      expect(threads(answers).slice(0, 6)).toEqual([8, 8, 8, 8, 8, 8]);
      expect(threads(answers).at(6)).toBeGreaterThan(8);
    });

    it('is not waited for where the pool is not what is short, for no sign of that would end the wait', () => {
      // Three quarters of a core and a contended interpreter: neither GIL nor THREADS.
      const cpu = 130 * seconds * 0.0058;
      const contended = full(8, 130, 150, 0.05, {
        busyThreadSeconds: 6.5 * seconds, inflight: 14, queueDepth: 6, gil: 'on', cpuSeconds: cpu, busiestProcessCpuSeconds: cpu, gilWaitingThreadSeconds: 2 * seconds,
        gilWaitSeconds: 0.2 * seconds, gilProbeSeconds: seconds, inflightSeconds: 130 * seconds * 0.25, service: histogram(130 * seconds, 0.05),
      });
      const slow: PodLoad = { ...calm, store: 0.05 };
      const answers = everySeconds(5, [calm, calm, ...Array.from({ length: 8 }, () => slow), ...Array.from({ length: 12 }, () => contended)]);
      expect(answers.map(({ class: found }) => found)).not.toContain('THREADS');
      expect(threads(answers).at(-1)).toBeGreaterThan(8);
    });

    it('is raised at once where nobody knows a calm day', () => {
      expect(threads(everySeconds(5, [filling, filling, filling])).at(-1)).toBeGreaterThan(8);
    });

    it('is raised at once where the load has outgrown it as it always was', () => {
      const outgrown = full(8, 400, 1200, 0.016, { busyThreadSeconds: 5 * seconds, inflight: 60, queueDepth: 52 });
      const far: PodLoad = { ...calm, rate: 200, store: 0.016 };
      expect(threads(follow([[1, far], [1, far], [1, outgrown]])).at(-1)).toBeGreaterThan(8);
    });
  });

  it('a scrape that is looked at twice is no second sign of anything', () => {
    const loads = [calm, ...Array.from({ length: 4 }, () => full(8, 200, 400, 0.036))];
    const classAfter = (age: (step: number) => number) => everySeconds(2, loads.map((load, step) => ({ ...load, sample: { ...load.sample, ageSeconds: age(step) } }))).at(-1)?.class;
    expect(classAfter(() => 1)).toBe('THREADS');
    // The last scrape is that of the second evaluation, and the clocks of age and evaluation do not round alike.
    expect(classAfter((step) => (step < 2 ? 1 : 1 + 2 * (step - 1) - 0.004 * step))).toBe('OK');
  });

  it('a scrape of one pod is no news of the others', () => {
    const steps = [calm, ...Array.from({ length: 4 }, () => full(8, 200, 400, 0.036))];
    let memory: unknown = null;
    const classes = steps.map((load, step) => {
      const old = step < 2 ? 1 : 1 + 2 * (step - 1);
      const heard = pods(5, load).map((one, index) => (one.sample === null ? one : { ...one, sample: { ...one.sample, ageSeconds: index === 0 ? 1 : old } }));
      const answer = recommend(input(fleet({ replicas: 5, threads: 8, processes: 1 }, heard), { memory, now: start + 2000 * step, spec: spec({ threads: { max: 64 } }) }));
      ({ memory } = answer);
      return answer.class;
    });
    expect(classes.at(-1)).toBe('OK');
  });

  it('LOCK is proven while a quarter of the CPU is left', () => {
    const busy = (threads: number) => full(threads, 200, 400, 0.004, { cpuSeconds: 200 * seconds * 0.0037, busiestProcessCpuSeconds: 200 * seconds * 0.0037, gil: 'none' });
    const large = busy(12);
    expect(follow([[2, busy(8)], [2, busy(8)], [2, large], [2, large], [2, large]]).at(-1)?.class).toBe('LOCK');
  });

  it('STORE lasts over a window in which the pool is not full: pods that would wait for the store are not added in the meantime', () => {
    const small = full(8, 200, 400, 0.036);
    const large = full(12, 205, 400, 0.055);
    const between = full(8, 200, 200, 0.15, { busyThreadSeconds: 6 * seconds, inflight: 6, queueDepth: 0, inflightSeconds: 200 * seconds * 0.19, request: histogram(200 * seconds, 0.19), queue: histogram(200 * seconds, 0.001) });
    const answers = follow([[2, small], [2, small], [2, large], [2, large], [2, large], [2, between]]);
    expect(answers.at(-1)).toMatchObject({ class: 'STORE', scale: { replicas: 2, threads: 8 } });
    expect(answers.at(-1)?.advice).toMatch(/online store is the limit/u);
  });

  describe('callers that wait for their answers are too few to fill the larger pool, and get no more from it', () => {
    /** All 16 callers of each of two pods are inside. */
    const unfilled = (rate: number, store: number, hold: number, more: Partial<PodSample> = {}) => full(24, rate, rate, store, {
      busyThreadSeconds: 16 * seconds, inflight: 16, queueDepth: 0, inflightSeconds: rate * seconds * hold,
      request: histogram(rate * seconds, hold), queue: histogram(rate * seconds, 0.0001), service: histogram(rate * seconds, hold - 0.0001), ...more,
    });
    const small = (store: number) => [2, full(8, 200, 200, store)] as const;

    it('STORE, where its time grew: no slot goes, for a pool with free slots may answer all that it is asked', () => {
      const answers = follow([small(0.036), small(0.036), ...Array.from({ length: 5 }, () => [2, unfilled(204, 0.074, 0.078)] as const)]);
      expect(answers.at(-1)).toMatchObject({ class: 'STORE', scale: { replicas: 2, threads: 24 } });
      expect(answers.at(-1)?.evidence).toBe('32 slots get 408/s from the store at 74 ms, 16 slots got 400/s at 36 ms');
    });

    it('STORE for as long as that lasts, not only for the quarter of an hour that a comparison counts', () => {
      const answers = follow([small(0.036), small(0.036), ...Array.from({ length: 80 }, () => [2, unfilled(204, 0.074, 0.078)] as const)]);
      expect(new Set(answers.slice(8).map(({ class: found }) => found))).toEqual(new Set(['STORE']));
    });

    it('is none any more, and pods come, once the CPU is full or the store is fast again', () => {
      const isFull = Array.from({ length: 5 }, () => [2, unfilled(204, 0.074, 0.078)] as const);
      const cpu = 204 * seconds * 0.018;
      const busy = unfilled(204, 0.004, 0.078, { cpuSeconds: cpu, busiestProcessCpuSeconds: cpu, gil: 'none' });
      const answers = follow([small(0.036), small(0.036), ...isFull, ...Array.from({ length: 6 }, () => [2, busy] as const)]);
      expect(answers[6]?.class).toBe('STORE');
      expect(answers.at(-1)).toMatchObject({ class: 'CPU', reason: 'CapacityShort' });
      expect(answers.at(-1)?.scale.replicas).toBeGreaterThan(2);
    });

    it('is nothing to act on once the pool is full: its store may only have become slower, and a raise tells', () => {
      const slower = Array.from({ length: 24 }, () => [2, unfilled(204, 0.074, 0.078)] as const);
      const filled = Array.from({ length: 6 }, () => [2, full(24, 180, 220, 0.13)] as const);
      const answers = follow([small(0.036), small(0.036), ...slower, ...filled, [2, full(48, 240, 260, 0.19)]]);
      expect(answers[10]?.class).toBe('STORE');
      expect(Math.min(...answers.slice(2).map(({ scale }) => scale.threads))).toBe(24);
      expect(answers[31]).toMatchObject({ class: 'THREADS', reason: 'ThreadsBelowFloor' });
      expect([answers[31], answers[32]].map((answer) => parseMemory(answer?.memory)?.proof?.kind)).toEqual(['STORE', undefined]);
    });

    it('outlasts a window in which the pool happens to be full', () => {
      const inside = Array.from({ length: 14 }, () => [2, unfilled(204, 0.074, 0.078)] as const);
      const answers = follow([small(0.036), small(0.036), ...inside, [2, full(24, 204, 204, 0.11)], ...inside]);
      expect(new Set(answers.slice(8).map(({ class: found }) => found))).toEqual(new Set(['STORE']));
    });

    it('says again what two full pools have proven, and does not replace it', () => {
      const answers = follow([small(0.036), [2, full(24, 204, 204, 0.11)], [2, unfilled(204, 0.074, 0.078)]]);
      const [, proven, again] = answers.map(({ memory }) => parseMemory(memory)?.proof);
      expect(proven).toMatchObject({ kind: 'STORE', isFull: true, more: { slots: 48 } });
      expect(again).toEqual({ ...proven, at: start + 40_000 });
    });

    it('is none where less is answered than from the smaller pool: then something has become slower', () => {
      const answers = follow([small(0.036), small(0.036), ...Array.from({ length: 5 }, () => [2, unfilled(100, 0.155, 0.159)] as const)]);
      expect(answers.map(({ class: found }) => found)).not.toContain('STORE');
    });

    it('is none where the CPU is at three quarters: with free slots it would not be full if it were the limit', () => {
      const cpu = 204 * seconds * 0.0148;
      const busy = unfilled(204, 0.074, 0.078, { cpuSeconds: cpu, busiestProcessCpuSeconds: cpu, gil: 'none' });
      const answers = follow([small(0.036), small(0.036), ...Array.from({ length: 5 }, () => [2, busy] as const)]);
      expect(answers.map(({ class: found }) => found)).not.toContain('STORE');
    });

    it('is not taken up again after hours in which nobody watched', () => {
      const inside = unfilled(204, 0.074, 0.078);
      let memory: unknown = null;
      const classes = [full(8, 200, 200, 0.036), full(8, 200, 200, 0.036), inside, inside, inside, inside, inside, inside, inside, inside].map((load, step) => {
        const now = start + 20_000 * step + (step < 6 ? 0 : 2 * 3_600_000);
        const answer = recommend(input(fleet({ replicas: 2, threads: load.threads ?? 8, processes: 1 }, pods(2, load)), { memory, now, spec: spec({ threads: { max: 64 } }) }));
        ({ memory } = answer);
        return answer.class;
      });
      expect([classes[5], classes.at(-1)]).toEqual(['STORE', 'OK']);
    });

    it('teaches nothing of a calm store', () => {
      const answers = follow([[2, calm], [2, calm], small(0.036), small(0.036), ...Array.from({ length: 20 }, () => [2, unfilled(204, 0.074, 0.078)] as const)]);
      const learned = answers.map(({ memory }) => parseMemory(memory)?.learned.store95 ?? 0);
      expect(answers.at(-1)).toMatchObject({ class: 'STORE' });
      expect(learned.at(-1)).toBeLessThan(0.05);
    });

    it('does not end because pods fall silent', () => {
      const heard = (silent: number) => pods(10, unfilled(130, 0.094, 0.1, { busyThreadSeconds: 13 * seconds, inflight: 13 })).map((one, index) => (index < silent ? { ...one, sample: null } : one));
      const before = pods(10, full(8, 125, 125, 0.036));
      let memory: unknown = null;
      const starting = (pod: ReturnType<typeof heard>[number], index: number) => (index < 1 ? { ...pod, startedAt: start + 195_000, readyAt: null, sample: null } : pod);
      const answers = [before, before, ...[0, 0, 0, 0, 2, 2, 2, 2].map(heard), heard(0).map(starting)].map((fleetPods, step) => {
        const answer = recommend(input(fleet({ replicas: 10, threads: step < 2 ? 8 : 24, processes: 1 }, fleetPods), { memory, now: start + 20_000 * step, spec: spec({ threads: { max: 64 } }) }));
        ({ memory } = answer);
        return answer;
      });
      expect(answers[5]?.class).toBe('STORE');
      expect(answers.at(-1)).toMatchObject({ class: 'STORE', scale: { replicas: 10, threads: 24 } });
    });

    it('takes no more than a step of a pool that fills later, though the application declares its lock', () => {
      const inside = Array.from({ length: 10 }, () => [2, unfilled(204, 0.004, 0.078)] as const);
      const declared = full(24, 204, 204, 0.004, { lockWaitSeconds: 0.08 * 204 * seconds });
      const answers = follow([small(0.004), small(0.004), ...inside, [2, declared]], { replicas: { min: 2, max: 2 } });
      expect(answers.at(-1)).toMatchObject({ class: 'LOCK', scale: { threads: 18 } });
    });

    it('LOCK, where the time that nothing explains grew: pods bring locks of their own', () => {
      const answers = follow([small(0.004), small(0.004), ...Array.from({ length: 8 }, () => [2, unfilled(204, 0.004, 0.078)] as const)]);
      expect(answers.at(-1)).toMatchObject({ class: 'LOCK', reason: 'CapacityShort' });
      expect(answers.at(-1)?.message).toContain('(a lock inside lets 204/s through): replicas 2 → 4');
      expect(answers.at(-1)?.scale.threads).toBe(24);
    });

    it.each<[string, number, number, number, number]>([
      ['the objective is met', 100, 204, 0.074, 0.078],
      ['more is answered', 50, 260, 0.057, 0.0615],
      ['the store takes no longer', 50, 204, 0.04, 0.0784],
    ])('no STORE where %s', (_what, objectiveMs, rate, store, hold) => {
      const answers = follow([small(0.036), small(0.036), ...Array.from({ length: 5 }, () => [2, unfilled(rate, store, hold)] as const)], { objectiveMs });
      expect(answers.map(({ class: found }) => found)).not.toContain('STORE');
    });

    it('nothing of a smaller pool that has too little load to be full, whatever the larger one took', () => {
      const quiet = unfilled(190, 0.02, 0.07, { busyThreadSeconds: 13 * seconds, inflight: 13, inflightSeconds: 190 * seconds * 0.07 });
      const answers = follow([[2, full(24, 200, 200, 0.11)], [2, full(24, 200, 200, 0.11)], [2, quiet], [2, quiet], [2, quiet]]);
      expect(answers.map(({ memory }) => parseMemory(memory)?.proof)).toEqual([null, null, null, null, null]);
    });

    it('no STORE where fewer are inside than the smaller pool could hold: a pool that is not full says nothing about larger ones', () => {
      const few = unfilled(190, 0.074, 0.078, { busyThreadSeconds: 7 * seconds, inflight: 7, inflightSeconds: 190 * seconds * 0.037 });
      const answers = follow([small(0.036), small(0.036), ...Array.from({ length: 5 }, () => [2, few] as const)]);
      expect(answers.map(({ class: found }) => found)).not.toContain('STORE');
    });
  });

  describe('answers that stay behind the load while slots are free, and a store that was faster', () => {
    const answered = (rate: number) => rate * seconds;
    const calm = full(4, 220, 220, 0.0041, {
      busyThreadSeconds: 1.3 * seconds, inflight: 2, queueDepth: 0, inflightSeconds: answered(220) * 0.006,
      request: histogram(answered(220), 0.006), queue: histogram(answered(220), 0.0002), service: histogram(answered(220), 0.0058),
    });
    const free = { busyThreadSeconds: 5.6 * seconds, inflight: 8, queueDepth: 1 };

    it('are STORE', () => {
      const swamped = full(18, 129, 218, 0.1, free);
      expect(follow([...Array.from({ length: 4 }, () => [1, { ...calm, threads: 18 }] as const), [1, swamped], [1, swamped], [1, swamped]]).at(-1)?.class).toBe('STORE');
    });

    it('are none where the slots are free in the mean of the window only, and full at this moment: THREADS', () => {
      const crossing = full(4, 153, 220, 0.016, { busyThreadSeconds: 2.8 * seconds, inflight: 67, queueDepth: 63 });
      const classes = follow([[1, calm], [1, calm], [1, calm], [1, crossing], [1, crossing], [1, crossing]]).map(({ class: found }) => found);
      expect(classes).toEqual(['OK', 'OK', 'OK', 'OK', 'OK', 'THREADS']);
    });

    it('are none in a window that began with a smaller pool', () => {
      const answers = follow([[1, calm], [1, calm], [1, calm], [1, full(18, 129, 218, 0.1, free)]]);
      expect(parseMemory(answers.at(-1)?.memory)?.candidates.at(-1)).toBe('OK');
    });
  });

  it('a store that is only far away is THREADS: more slots, more answers', () => {
    const large = full(18, 450, 600, 0.036);
    const answers = follow([[2, full(8, 200, 600, 0.036)], [2, full(12, 300, 600, 0.036)], [2, large], [2, large], [2, large], [2, large]]);
    expect(answers.slice(0, 4).map(({ class: found }) => found)).toEqual(['THREADS', 'THREADS', 'THREADS', 'THREADS']);
    // Not before a whole window of the size that there is: a window of two sizes proves nothing.
    expect(answers[2]).toMatchObject({ scale: { threads: 18 }, guard: 'LastRaiseUnseen' });
    expect(Math.max(...answers.slice(3).map(({ scale }) => scale.threads))).toBeGreaterThan(18);
  });

  it('a store that becomes slower while the pool is full is THREADS, whatever smaller pools got from the fast one long ago', () => {
    const fast = full(8, 400, 800, 0.016);
    const slow = full(12, 200, 800, 0.056);
    const answers = follow([[2, fast], ...Array.from({ length: 9 }, () => [2, full(12, 600, 800, 0.016)] as const), [2, slow], [2, slow], [2, slow]]);
    expect(answers.at(-1)?.class).toBe('THREADS');
  });

  it('LOCK: the time that nothing explains grows instead, and fewer threads answer as much', () => {
    const answers = follow([[1, full(8, 100, 300, 0.004)], [1, full(12, 102, 300, 0.004)], [1, full(12, 102, 300, 0.004)], [1, full(12, 102, 300, 0.004)]]);
    expect(answers.at(-1)).toMatchObject({ class: 'LOCK', reason: 'CapacityShort' });
    expect(answers.at(-1)?.evidence).toBe('12 slots get 102/s from the pods at 112 ms of unexplained wait, 8 slots got 100/s at 74 ms of unexplained wait');
    // Each pod brings a lock of its own: pods help, by what one lock lets through.
    expect(answers.at(-1)?.scale.replicas).toBeGreaterThan(2);
  });

  it('LOCK at once where the application declares it', () => {
    const declared = full(8, 100, 120, 0.004, { lockWaitSeconds: 0.05 * 1500 });
    expect(follow([[1, declared]])[0]).toMatchObject({ class: 'LOCK', evidence: 'requests wait 50 ms of 80 ms for locks or pools that the application declares, while the CPU is at 20 % of a core' });
  });

  it.each([[0, 'LOCK'], [0.04, 'THREADS']])('an event loop that lags by %d s is %s: what waits for the loop looks like a lock', (lag, found) => {
    const loop = full(8, 100, 120, 0.004, { model: 'eventloop', knob: 'inflight', lockWaitSeconds: 0.05 * 1500, loopLagSeconds: lag * seconds });
    expect(follow([[1, loop]])[0]?.class).toBe(found);
  });

  it('a proof ends when fewer slots answer less: the store had only become slower just then', () => {
    const steps = [[2, full(8, 160, 400, 0.045)], [2, full(12, 134, 400, 0.085)], [2, full(8, 62, 400, 0.124)], [2, full(8, 62, 400, 0.124)]] as const;
    const memory = parseMemory(follow(steps.slice(0, 2)).at(-1)?.memory);
    expect(memory?.proof?.kind).toBe('STORE');
    expect(parseMemory(follow(steps).at(-1)?.memory)?.proof).toBeNull();
  });

  it('a lock that was not seen for a quarter of an hour no longer sizes the fleet', () => {
    const locked = full(8, 100, 300, 0.004, { lockWaitSeconds: 0.06 * 1500 });
    const rates = follow([[1, locked], ...Array.from({ length: 50 }, () => [3, calm] as const)]).map((answer) => parseMemory(answer.memory)?.learned.lockRate);
    expect(rates[0]).toBe(100);
    expect(rates.at(30)).toBe(100);
    expect(rates.at(-1)).toBeNull();
  });

  it('an absurd sum of one pod is not believed, so that memory stays readable', () => {
    const [first, ...others] = pods(5, { rate: 100 });
    const liar = first === undefined || first.sample === null ? undefined : { ...first, sample: { ...first.sample, store: { ...first.sample.store, sum: 1e20 } } };
    const windows = fleet({ replicas: 5, threads: 8, processes: 1 }, liar === undefined ? others : [liar, ...others]);
    expect(parseMemory(recommend(input(windows)).memory)).not.toBeNull();
  });

  it('more pods that share the load of a full store do not hide it', () => {
    const answers = follow([[2, full(8, 200, 400, 0.036)], [4, full(8, 102, 300, 0.074)], [4, full(8, 102, 300, 0.074)], [4, full(8, 102, 300, 0.074)]]);
    expect(answers.at(-1)).toMatchObject({ class: 'STORE', scale: { replicas: 4, threads: 4 } });
  });
});
