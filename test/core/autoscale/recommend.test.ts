import { describe, expect, it } from '@jest/globals';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { FleetWindow, PodWindow } from '../../../src/core/autoscale/types.ts';
import type { PodLoad, Run } from './support/fleet.ts';
import { drive, fleet, input, pod, pods, spec, start } from './support/fleet.ts';

const one = { replicas: 1, threads: 8, processes: 1 };

/** Decision on `count` equal pods, watched for long enough that nothing is held because of a restart. */
const decide = (count: number, load: PodLoad, part: Parameters<typeof input>[1] = {}) =>
  recommend(input(fleet({ replicas: count, threads: load.threads ?? 8, processes: load.processes ?? 1 }, pods(count, load)), part));

describe('what limits a fleet', () => {
  it.each([
    ['OK', { rate: 50 }],
    ['THREADS', { rate: 120, threads: 2, store: 0.04 }],
    ['LOOP', { rate: 460, cpu: 0.002, cores: 4, threads: 32 }],
    ['CPU', { rate: 460, cores: 1, threads: 32, sample: { model: 'threads', gil: 'off' } }],
    ['THROTTLED', { rate: 200, cores: 0.5, threads: 8, sample: { throttledSeconds: 6 } }],
    ['THROTTLED', { rate: 120, threads: 2, store: 0.04, sample: { throttledSeconds: 4 } }],
    // Throttled in most periods, for hardly any time: the limit of one core alone does that.
    ['OK', { rate: 200, sample: { throttledPeriods: 100, cpuPeriods: 150, throttledSeconds: 0.5 } }],
    ['UNKNOWN', { rate: 3 }],
    // A store that is slower and a pool that is not full is no case for threads.
    ['OK', { rate: 50, store: 0.1, threads: 16 }],
  ] satisfies [string, PodLoad][])('%s: %j', (found, load) => {
    const answer = decide(1, load);
    expect(answer.class).toBe(found);
    expect(answer.evidence).not.toBe('');
  });

  it('is THREADS at the third evaluation with a queue, while the mean of the window still says otherwise and a pod is starting', () => {
    // The first seconds of an overload: 9.6 of 16 slots busy on average, all of them now.
    const calm: PodLoad = { rate: 110, threads: 16, store: 0.055 };
    const crossing: PodLoad = { ...calm, rate: 170, sample: { inflight: 70, queueDepth: 54 } };
    const young = { ...pod('young', { rate: 0, pod: { ready: false, readyAt: null } }), sample: null };
    let memory: unknown = null;
    const classes = [calm, calm, crossing, crossing, crossing].map((load, index) => {
      const now = start + 3000 * index;
      const all = [pod('old', load), { ...young, startedAt: now - 1000 }];
      const answer = recommend(input(fleet({ replicas: 2, threads: 16, processes: 1 }, all), { memory, now, spec: spec({ objectiveMs: 150, threads: { max: 16 } }) }));
      ({ memory } = answer);
      return answer.class;
    });
    expect(classes).toEqual(['OK', 'OK', 'OK', 'OK', 'THREADS']);
  });

  it('is entered on three of four evaluations and left after four clear ones', () => {
    const full: PodLoad = { rate: 120, threads: 2, store: 0.04 };
    const calm: PodLoad = { rate: 20, threads: 2, store: 0.04 };
    const loads = [calm, full, calm, full, full, calm, calm, calm, calm];
    let memory: unknown = null;
    const classes = loads.map((load, index) => {
      const answer = decide(1, load, { memory, now: start + 5000 * index, spec: spec({ threads: { min: 2, max: 2 } }) });
      ({ memory } = answer);
      return answer.class;
    });
    expect(classes).toEqual(['OK', 'OK', 'OK', 'OK', 'THREADS', 'THREADS', 'THREADS', 'THREADS', 'OK']);
  });
});

describe('the joint decision', () => {
  it('raises threads to the floor before any pod, and says so in numbers', () => {
    const answer = decide(1, { rate: 54, threads: 2, cpu: 0.002, store: 0.034 });
    expect(answer.scale).toEqual({ replicas: 1, threads: 7, processes: 1 });
    expect(answer.message).toMatch(/^p95 .* is over 50 ms; .* requests\/s a pod are expected, each holding a slot for .* \(34 ms of it store wait\); that takes \d+ slots and there are 2: in-flight limit 2 → 7$/u);
  });

  it('raises processes up to the cores before pods', () => {
    const answer = decide(2, { rate: 350, cpu: 0.003, cores: 2, threads: 32 }, { spec: spec({ processes: { max: 2 } }) });
    expect(answer).toMatchObject({ scale: { replicas: 2, processes: 2 }, reason: 'LoopsBelowCores' });
  });

  describe('ten pods of four cores whose one process each sits at 0.4 of a core', () => {
    const load = { cpu: 0.003, store: 0.01, cores: 4 };
    const run = (part: Parameters<typeof spec>[0], rate: (second: number) => number = () => 1300, seconds = 1800) =>
      drive({ spec: spec({ processes: { max: 4 }, ...part }), scale: { replicas: 10, threads: 16, processes: 1 }, seconds, rate, load });

    it('become fewer pods with more processes once they were watched for a while, the pods after the processes, and stay so', () => {
      const steps = run({});
      const first = steps.find(({ answer }) => answer.reason === 'ProcessesSavePods');
      expect(first?.second).toBe(300);
      expect(first?.answer).toMatchObject({ scale: { processes: 4 } });
      expect(first?.answer.message).toMatch(/a process uses at most one core: 2 pods with 4 in each would do, with 1 it takes 8: processes 1 → 4/u);
      expect(first?.answer.candidates).toContainEqual(expect.objectContaining({ replicas: 2, processes: 4 }));
      expect(steps.at(-1)?.scale).toMatchObject({ replicas: 2, processes: 4 });
      expect(steps.filter(({ answer, scale }) => answer.scale.processes !== scale.processes)).toHaveLength(1);
      expect(steps.every(({ answer }) => answer.objectiveMet !== false)).toBe(true);
    });

    const withPods = (change: (pod: PodWindow) => PodWindow) => (windows: FleetWindow): FleetWindow => ({ ...windows, pods: windows.pods.map(change) });

    it.each<[string, Parameters<typeof spec>[0], Partial<Run>?]>([
      ['pods may not become fewer', { scaleDown: { enabled: false } }],
      ['pods are not ours to move', { mode: 'ThreadsOnly' }],
      ['the pool is not ours to move', { mode: 'ReplicasOnly' }],
      ['one process is the most', { processes: { max: 1 } }],
      ['ten is the least', { replicas: { min: 10, max: 20 } }],
      ['the store may not be asked for more at once', { maxConcurrency: 160, threads: { min: 16 } }],
      ['the cores of a pod are not known', {}, { load: { ...load, cores: null } }],
      ['a rollout is under way', {}, { window: (windows) => ({ ...windows, rollingOut: true }) }],
      // A server that has one process and no more: what was asked for is not what runs.
      ['other processes run than were asked for', {}, { window: withPods((one) => (one.sample === null ? one : { ...one, sample: { ...one.sample, processes: 2 } })) }],
    ])('keep their processes where %s', (_case, part, rest = {}) => {
      const steps = drive({ spec: spec({ processes: { max: 4 }, ...part }), scale: { replicas: 10, threads: 16, processes: 1 }, seconds: 900, rate: () => 1300, load, ...rest });
      expect(steps.every(({ scale }) => scale.processes === 1)).toBe(true);
    });

    it('are not made fuller while the objective is missed', () => {
      const steps = drive({ spec: spec({ processes: { max: 4 }, objectiveMs: 15 }), scale: { replicas: 10, threads: 16, processes: 1 }, seconds: 1800, rate: () => 1300, load });
      expect(steps.filter(({ answer }) => answer.objectiveMet === false).length).toBeGreaterThan(0);
      expect(steps.filter(({ answer }) => answer.reason === 'ProcessesSavePods' && answer.objectiveMet === false)).toEqual([]);
    });

    it('are not taken away for processes that a server never starts', () => {
      let asked = 1;
      const steps = drive({
        spec: spec({ processes: { max: 4 } }), scale: { replicas: 10, threads: 16, processes: 1 }, seconds: 1800, rate: () => 1300, load: { ...load, processes: 1 },
        window: (windows) => {
          asked = Math.max(asked, windows.current.processes);
          return { ...windows, pods: pods(windows.current.replicas, { ...load, rate: 1300 / windows.current.replicas, threads: windows.current.threads, processes: 1 }) };
        },
      });
      expect(asked).toBe(4);
      expect(steps.every(({ answer }) => answer.objectiveMet !== false)).toBe(true);
      expect(steps.at(-1)?.scale.replicas).toBeGreaterThanOrEqual(6);
    });

    it('keep the processes that a pod without data may need', () => {
      const silent = (windows: FleetWindow): FleetWindow => ({ ...windows, pods: windows.pods.map((one, index) => (index === 0 ? { ...one, sample: null } : one)) });
      const steps = drive({ spec: spec({ processes: { max: 4 }, replicas: { min: 5, max: 20 } }), scale: { replicas: 5, threads: 16, processes: 2 }, seconds: 900, rate: () => 1080, load, window: silent });
      expect(steps.every(({ scale }) => scale.processes === 2)).toBe(true);
    });

    it('are not turned to and fro by a load that swings around where it pays', () => {
      const steps = run({}, (second) => 330 + 60 * Math.sin(second / 200), 7200);
      const moves = steps.filter(({ answer, scale }) => answer.scale.processes !== scale.processes);
      expect(moves.length).toBeLessThanOrEqual(2);
    });
  });

  it('asks for pods when the CPU of a pod is what binds', () => {
    const answer = decide(2, { rate: 450, cpu: 0.002, threads: 32 });
    expect(answer).toMatchObject({ reason: 'CapacityShort', scale: { replicas: 4, threads: 32 } });
  });

  it('does not raise threads of a throttled pod', () => {
    expect(decide(1, { rate: 120, threads: 2, store: 0.04, sample: { throttledSeconds: 4 } }).scale.threads).toBe(2);
  });

  it('knows in ReplicasOnly that threads will not come, and in ThreadsOnly that pods will not', () => {
    const starved: PodLoad = { rate: 120, threads: 2, store: 0.04 };
    expect(decide(1, starved, { spec: spec({ mode: 'ReplicasOnly' }) }).scale).toMatchObject({ replicas: 5, threads: 2 });
    const busy: PodLoad = { rate: 480, threads: 32, cpu: 0.002 };
    expect(decide(2, busy, { spec: spec({ mode: 'ThreadsOnly', replicas: { min: 5, max: 9 } }) }).scale).toEqual({ replicas: 2, threads: 32, processes: 1 });
  });

  it.each(['Recommend', 'Off'] as const)('recommends in %s what Auto would do', (mode) => {
    const load: PodLoad = { rate: 450, threads: 32 };
    expect(decide(2, load, { spec: spec({ mode }) }).scale).toEqual(decide(2, load).scale);
  });

  it('says when the store alone is slower than the objective, and adds no pod for it', () => {
    const steps = drive({ spec: spec({ objectiveMs: 15 }), scale: { replicas: 2, threads: 16, processes: 1 }, seconds: 120, rate: () => 200, load: { store: 0.03 } });
    const last = steps.at(-1)?.answer;
    expect(last).toMatchObject({ reason: 'ObjectiveUnreachable', scale: { replicas: 2 }, objectiveMet: false });
  });

  it.each([
    // Ready 10 s ago: the window still holds the overload before it, which is what was seen as a third pod nobody needed.
    ['a window that reaches back before the newest pod served', 10, 2],
    ['a whole window since, and p95 still over the objective', 25, 3],
  ])('latency guard: %s', (_case, readyAgo, replicas) => {
    const load: PodLoad = { rate: 150, threads: 16, store: 0.055, queue: 0.4, seconds: 9 };
    let memory: unknown = null;
    let answer;
    for (const second of [0, 3, 6]) {
      const now = start + 1000 * second;
      const ready = { startedAt: start + 6000 - 1000 * (readyAgo + 2), readyAt: start + 6000 - 1000 * readyAgo };
      const all = [pod('old', load), pod('new', { ...load, pod: ready })];
      answer = recommend(input(fleet({ replicas: 2, threads: 16, processes: 1 }, all), { memory, now, spec: spec({ objectiveMs: 150, threads: { max: 16 }, evaluation: { periodMs: 3000, windowMs: 9000 } }) }));
      ({ memory } = answer);
    }
    expect(answer?.scale.replicas).toBe(replicas);
  });

  it('adds no pod where nothing queues and the CPU is idle', () => {
    const load = { store: 0.02, cpu: 0.001, sample: {} };
    const steps = drive({ spec: spec({ objectiveMs: 22 }), scale: { replicas: 3, threads: 16, processes: 1 }, seconds: 120, rate: () => 150, load });
    expect(steps.at(-1)?.answer.scale.replicas).toBeLessThanOrEqual(3);
  });

  it('lets the threads go first as soon as one window shows a full pool, though its class is not named yet', () => {
    // p95 over the objective and a queue, on the second evaluation: the class takes three.
    const calm: PodLoad = { rate: 20, threads: 6, store: 0.02, cpu: 0.001 };
    const full: PodLoad = { rate: 80, threads: 6, store: 0.12, cpu: 0.001 };
    const after = (max: number) => {
      let memory: unknown = null;
      return [calm, calm, full, full].map((load, index) => {
        const answer = decide(1, load, { memory, now: start + 20_000 * index, spec: spec({ threads: { max }, objectiveMs: 150 }) });
        ({ memory } = answer);
        return { class: answer.class, replicas: answer.scale.replicas };
      });
    };
    expect(after(48).at(-1)).toEqual({ class: 'OK', replicas: 1 });
    // Without threads to be had they are what is left.
    expect(after(6).at(-1)?.replicas).toBeGreaterThan(1);
  });

  it('does not wait for threads that the cap on concurrency leaves no room for', () => {
    // A thread more in each of ten pods would be 50, a pod more is 44.
    const steps = [0, 1, 2, 3, 4].reduce<{ memory: unknown; replicas: number }>(({ memory }, step) => {
      const part = spec({ maxConcurrency: 46, objectiveMs: 150, threads: { min: 1, max: 32 } });
      const answer = decide(10, { rate: 140, threads: 4, store: 0.03, cpu: 0.001 }, { memory, now: start + 20_000 * step, spec: part });
      return { memory: answer.memory, replicas: answer.scale.replicas };
    }, { memory: null, replicas: 0 });
    expect(steps.replicas).toBe(11);
  });

  it('names no candidate over the cap on concurrency', () => {
    const answer = decide(2, { rate: 100, threads: 8 }, { spec: spec({ maxConcurrency: 20 }) });
    expect(answer.candidates.map(({ replicas, threads, processes }) => replicas * threads * processes).every((asked) => asked <= 20)).toBe(true);
    expect(answer.candidates.length).toBeGreaterThan(1);
  });

  it('stops asking when more threads only make the store slower', () => {
    const at = (threads: number, store: number, memory: unknown, second: number) =>
      decide(2, { rate: 300, threads, store, cpu: 0.001 }, { memory, now: start + 1000 * second, spec: spec({ threads: { max: 16 } }) });
    const before = at(4, 0.02, null, 0);
    expect(before.scale.threads).toBeGreaterThan(4);
    const after = at(8, 0.042, before.memory, 20);
    expect(after).toMatchObject({ reason: 'PodsCannotHelp', scale: { replicas: 2, threads: 8 } });
    expect(after.message).toContain('would only wait for it too');
    expect(after.candidates.map(({ predictedP95Ms }) => predictedP95Ms)).toEqual(after.candidates.map(() => null));
  });
});

describe('what is not known', () => {
  const hidden = (count: number, silent: number, load: PodLoad) =>
    pods(count, load).map((one_, index) => (index < silent ? { ...one_, sample: null } : one_));

  it('holds without any data', () => {
    const answer = recommend(input(fleet({ replicas: 4, threads: 8, processes: 1 }, hidden(4, 4, { rate: 400 }))));
    expect(answer).toMatchObject({ class: 'UNKNOWN', reason: 'MetricsMissing', scale: { replicas: 4, threads: 8 }, objectiveMet: null });
    expect(answer.message).toContain('0 of 4 running pods can be used (4 silent)');
  });

  it('holds on stale data', () => {
    const answer = decide(2, { rate: 480, sample: { ageSeconds: 60 } });
    expect(answer).toMatchObject({ class: 'UNKNOWN', scale: { replicas: 2 } });
  });

  it('holds while under 60 % of the pods report', () => {
    expect(recommend(input(fleet({ replicas: 5, threads: 8, processes: 1 }, hidden(5, 3, { rate: 490, threads: 32 })))).scale.replicas).toBe(5);
  });

  it("holds when the numbers contradict Little's law", () => {
    const answer = decide(2, { rate: 100, sample: { inflightSeconds: 3000 } });
    expect(answer).toMatchObject({ class: 'UNKNOWN', reason: 'MetricsContradict' });
  });

  it('does not take a growing queue for a contradiction', () => {
    const sample = { inflightSeconds: 8000, inflight: 900, queueDepth: 880, completions: 3000, arrivals: 3900, rejected: 0 };
    expect(decide(1, { rate: 260, threads: 4, sample }).class).not.toBe('UNKNOWN');
  });

  it('is not moved by one pod that lies', () => {
    const honest = decide(5, { rate: 100 });
    const lies = [
      { arrivals: 1e9, completions: 1e9 }, { cpuSeconds: 1e9 }, { arrivals: NaN }, { threads: -3 }, { inflightSeconds: 1e12 },
      { arrivals: 15e4, completions: 15e4, inflightSeconds: 15e4 * 0.02 },
    ];
    for (const lie of lies) {
      const all = [...pods(4, { rate: 100 }), pod('liar', { rate: 100, sample: lie })];
      expect(recommend(input(fleet({ replicas: 5, threads: 8, processes: 1 }, all))).scale).toEqual(honest.scale);
    }
  });

  it.each([
    // Measured on a loaded machine: the newcomer used 0.6 s of CPU for its start and its first twenty answers.
    ['just started', { rate: 7, seconds: 3, sample: { cpuSeconds: 0.6 }, pod: { startedAt: start - 6000, readyAt: start - 3000 } }],
    ['gets hardly any requests', { rate: 1, sample: { cpuSeconds: 1.2 } }],
  ] satisfies [string, PodLoad][])('believes a busy pod beside one that %s', (_case, load) => {
    const all = [pod('busy', { rate: 250, cpu: 0.0009, threads: 16, store: 0.055 }), pod('other', { ...load, threads: 16, store: 0.055 })];
    const answer = recommend(input(fleet({ replicas: 2, threads: 16, processes: 1 }, all), { spec: spec({ objectiveMs: 150, warmUpMs: 5000 }) }));
    expect(answer).toMatchObject({ measured: { coverage: 1 } });
    expect(answer.class).not.toBe('UNKNOWN');
  });

  it('says nothing against a pod whose clients went away, soon or late', () => {
    // A hundred requests/s of which half were given up: none of them has a response time.
    const away = (eachTook: number) => decide(1, { rate: 50, sample: { arrivals: 1500, completions: 1500, inflightSeconds: 750 * 0.0225 + 750 * eachTook, inflight: 0 } }).class;
    expect([away(0), away(0.0225)]).toEqual(['OK', 'OK']);
  });

  it('shrinks a fleet slowly to its minimum when every pod counted no request', () => {
    const steps = drive({ spec: spec({ replicas: { min: 2 } }), scale: { replicas: 5, threads: 8, processes: 1 }, seconds: 900, rate: () => 0 });
    expect(steps.at(-1)).toMatchObject({ scale: { replicas: 2 }, answer: { reason: 'Idle', class: 'OK' } });
    expect(steps.find(({ scale }) => scale.replicas < 5)?.second).toBeGreaterThanOrEqual(300);
  });

  it('shrinks on counted demand although there is too little of it to name a class', () => {
    const steps = drive({ spec: spec(), scale: { replicas: 4, threads: 8, processes: 1 }, seconds: 900, rate: () => 4 });
    expect(steps.at(-1)).toMatchObject({ scale: { replicas: 1 }, answer: { class: 'UNKNOWN', reason: 'TooFewRequests' } });
  });

  it.each([null, 'x', 7, { version: 2 }, { version: 1, at: 'yesterday' }])('counts memory %j as none', (memory) => {
    expect(decide(2, { rate: 100 }, { memory })).toEqual(decide(2, { rate: 100 }, { memory: null }));
  });

  it('survives a clock that goes back', () => {
    const first = decide(4, { rate: 20 }, { now: start });
    const second = decide(4, { rate: 20 }, { now: start - 3_600_000, memory: first.memory });
    expect(second).toMatchObject({ scale: { replicas: 4 }, guard: 'OperatorRestarted' });
  });
});

describe('in a closed loop', () => {
  const short = spec({
    objectiveMs: 60, replicas: { min: 1, max: 8 }, threads: { max: 16, initial: 2 }, warmUpMs: 2000, scaleUp: { periodMs: 5000 },
    scaleDown: { stabilizationMs: 10_000, maxPercentPerMinute: 100 }, evaluation: { periodMs: 1000, windowMs: 4000 },
  });
  const rate = (second: number) => (second < 5 ? 30 : second < 60 ? Math.min(1400, 300 + 100 * (second - 5)) : 30);
  const steps = drive({ spec: short, scale: { replicas: 1, threads: 2, processes: 1 }, seconds: 140, rate, load: { cpu: 0.002, store: 0.03 } });

  it('moves threads first, then pods, and shrinks again', () => {
    const threads = steps.findIndex(({ scale }) => scale.threads > 2);
    const more = steps.findIndex(({ scale }) => scale.replicas > 1);
    expect(threads).toBeGreaterThan(0);
    expect(more).toBeGreaterThan(threads);
    expect(Math.max(...steps.map(({ scale }) => scale.replicas))).toBeGreaterThanOrEqual(5);
    expect(steps.at(-1)?.scale.replicas).toBe(1);
  });

  it('meets the objective once it has caught up, at no more than half as many pods again as are needed', () => {
    const settled = steps.filter(({ second }) => second >= 40 && second < 60);
    expect(settled.every(({ answer }) => answer.objectiveMet === true)).toBe(true);
    const needed = 1400 / (0.8 * 500);
    expect(Math.max(...settled.map(({ scale }) => scale.replicas))).toBeLessThanOrEqual(Math.ceil(1.8 * needed));
  });

  it('never moves two knobs in one step', () => {
    for (const { scale, answer } of steps) {
      const moved = [scale.replicas !== answer.scale.replicas, scale.threads !== answer.scale.threads || scale.processes !== answer.scale.processes];
      expect(moved).not.toEqual([true, true]);
    }
  });

  it('rests when the load does', () => {
    const rest = drive({ spec: spec(), scale: { replicas: 3, threads: 12, processes: 1 }, seconds: 1800, rate: () => 900, load: { cpu: 0.002, store: 0.02 } });
    const moves = rest.filter(({ scale, answer }) => JSON.stringify(scale) !== JSON.stringify(answer.scale));
    expect(moves.length).toBeLessThanOrEqual(2);
  });

  it('does not take a process away that it would ask for again at once', () => {
    // Two processes with all the threads that they may have: one of them could not hold the slots of both.
    const part = spec({ objectiveMs: 2000, replicas: { min: 1, max: 1 }, threads: { min: 1, max: 32 }, processes: { min: 1, max: 2 }, scaleDown: { stabilizationMs: 0 } });
    const steps = drive({ spec: part, scale: { replicas: 1, threads: 32, processes: 2 }, seconds: 600, rate: () => 150, load: { cpu: 0.001, store: 0.199, cores: 2 } });
    const processes = steps.map(({ answer }) => answer.scale.processes);
    expect(processes.filter((count, index) => index > 0 && count !== processes[index - 1])).toEqual([]);
  });

  it('adds a thousand pods up', () => {
    const answer = recommend(input(fleet({ ...one, replicas: 1000 }, pods(1000, { rate: 100 })), { spec: spec({ replicas: { max: 2000 } }) }));
    expect(answer.measured.offeredPerSecond).toBeCloseTo(100_000, -3);
  });
});
