import { describe, expect, it } from '@jest/globals';
import type { Scale } from '../../../src/api/featureserver-status.ts';
import { fromFormerLeader } from '../../../src/core/autoscale/memory.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { AutoscaleSpec, FleetWindow, Recommendation } from '../../../src/core/autoscale/types.ts';
import type { PodLoad } from './support/fleet.ts';
import { fleet, histogram, input, pods, spec, start } from './support/fleet.ts';

const cpu = 0.001;
/** Seconds that a request holds a slot, out of how many slots the whole fleet has. */
type Behind = (slots: number) => { store: number; rest: number };

/** 200 requests/s, whoever asks. */
const fullStore: Behind = (slots) => ({ store: slots / 200 - cpu, rest: 0 });
const lock: Behind = (slots) => ({ store: 0.004, rest: slots / 200 - 0.005 });
const farStore: Behind = () => ({ store: 0.08, rest: 0 });

/** A pool whose every slot is busy, with a queue of so many seconds before it. */
const fullPool = (behind: Behind, scale: Scale, seconds: number, queue = 0.2, cost = cpu): PodLoad => {
  const slots = scale.threads * scale.processes;
  const { store, rest } = behind(slots * scale.replicas);
  const service = store + rest + cost;
  const completions = (slots / service) * seconds;
  // The same load, whatever the pool: what a smaller one has no room for is turned away.
  const arrivals = (32 / service) * seconds + completions / 1e3;
  return {
    rate: slots / service, threads: scale.threads, processes: scale.processes, cores: 2, seconds,
    sample: {
      model: 'threads', knob: 'threads', gil: 'on', loopLagSeconds: null, completions, arrivals, rejected: Math.max(0, arrivals - completions),
      inflightSeconds: completions * (service + queue), busyThreadSeconds: slots * seconds, inflight: slots + 30, queueDepth: 30,
      cpuSeconds: completions * cost, busiestProcessCpuSeconds: (completions * cost) / scale.processes,
      request: histogram(completions, service + queue), queue: histogram(completions, queue), service: histogram(completions, service), store: histogram(completions, store),
    },
  };
};

interface Evaluation {
  second: number;
  scale: Scale;
  answer: Recommendation;
}

interface Case {
  law: AutoscaleSpec;
  behind: Behind;
  scale: Scale;
  seconds: number;
  /** Changes the fleet, or the spec, of one evaluation. */
  window?: (windows: FleetWindow, second: number) => FleetWindow;
  lawAt?: (second: number) => AutoscaleSpec;
  /** Seconds in the queue. */
  queue?: (scale: Scale) => number;
  /** CPU seconds of a request. */
  cost?: (scale: Scale) => number;
  /** Whether a recommendation is carried out. */
  obeys?: boolean;
}

const same = (windows: FleetWindow): FleetWindow => windows;

/** Evaluates in a closed loop. A window does not reach back over a change of the pool once half of it lies behind that. */
const follow = ({ law, behind, scale: from, seconds, window = same, lawAt = () => law, queue = () => 0.2, cost = () => cpu, obeys = true }: Case): Evaluation[] => {
  const evaluations: Evaluation[] = [];
  let [scale, memory, movedAt] = [from, null as unknown, -100];
  for (let second = 0; second < seconds; second += 5) {
    const since = second - movedAt;
    const length = since >= 8 ? Math.min(15, since - 1) : 15;
    const windows = window(fleet(scale, pods(scale.replicas, fullPool(behind, scale, length, queue(scale), cost(scale)))), second);
    const answer = recommend(input(windows, { spec: lawAt(second), memory, now: start + 1000 * second }));
    memory = JSON.parse(JSON.stringify(answer.memory));
    evaluations.push({ second, scale, answer });
    if (!obeys) continue;
    if (answer.scale.threads !== scale.threads || answer.scale.processes !== scale.processes) movedAt = second;
    ({ scale } = answer);
  }
  return evaluations;
};

const atMost = spec({ replicas: { max: 1 }, threads: { max: 24 } });
const one: Scale = { replicas: 1, threads: 24, processes: 1 };
const threadsOf = (evaluations: readonly Evaluation[]): number[] => evaluations.map(({ scale }) => scale.threads).filter((threads, index, all) => threads !== all[index - 1]);
const last = (evaluations: readonly Evaluation[]): Evaluation | undefined => evaluations.at(-1);
const small = (evaluations: readonly Evaluation[], threads = 16): Evaluation[] => evaluations.filter(({ scale }) => scale.threads === threads);
const cutIn = (evaluations: readonly Evaluation[]): Evaluation | undefined => evaluations.find(({ answer, scale }) => answer.reason === 'ConcurrencyCut' && answer.scale.threads < scale.threads);

describe('a full pool that is as large as it may be', () => {
  it.each<[string, Behind, string]>([
    ['a full store', fullStore, 'STORE'],
    ['a lock', lock, 'LOCK'],
  ])('is cut for a window, which shows %s; the whole pool has to show it once more before it shrinks', (_what, behind, found) => {
    const evaluations = follow({ law: atMost, behind, scale: one, seconds: 150 });
    expect(cutIn(evaluations)?.answer).toMatchObject({ class: 'THREADS', scale: { threads: 16 } });
    expect(last(evaluations)?.answer.class).toBe(found);
    expect(threadsOf(evaluations)).toEqual([24, 16, 24, 16]);
  });

  it.each([80, 40])('is whole again after that window where the slots are what is short, with a store %d ms away', (storeMs) => {
    const behind: Behind = () => ({ store: storeMs / 1000, rest: 0 });
    const evaluations = follow({ law: atMost, behind, scale: one, seconds: 14 * 60 });
    expect(threadsOf(evaluations)).toEqual([24, 16, 24]);
    expect(small(evaluations).length * 5).toBeLessThanOrEqual(25);
    expect(evaluations.every(({ answer }) => answer.class === 'THREADS')).toBe(true);
    expect(small(evaluations)[0]?.answer.message).toContain('an experiment is under way (1 × 16 slots in a pod for a window, 1 × 24 slots in a pod before)');
  });

  it('is cut again after a quarter of an hour, and half as often after each cut that showed nothing', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 4 * 3600 });
    const begins = evaluations.filter(({ scale }, index) => scale.threads === 16 && evaluations[index - 1]?.scale.threads === 24).map(({ second }) => second);
    const pauses = begins.slice(1).map((second, index) => Math.round((second - (begins[index] ?? 0)) / 60));
    expect(pauses.slice(0, 3)).toEqual([15, 30, 60]);
  });

  it('does not shrink for a store that has become faster just while the pool was smaller', () => {
    let isFast = false;
    const behind: Behind = (slots) => {
      isFast ||= slots === 16;
      return { store: isFast ? 0.08 : 0.112, rest: 0 };
    };
    const evaluations = follow({ law: atMost, behind, scale: one, seconds: 180 });
    expect(threadsOf(evaluations)).toEqual([24, 16, 24]);
    expect(last(evaluations)?.answer.class).toBe('THREADS');
  });

  it('is cut by processes where its threads are fixed, and has them back', () => {
    const law = spec({ replicas: { max: 1 }, threads: { min: 16, max: 16 }, processes: { min: 1, max: 2 } });
    const evaluations = follow({ law, behind: fullStore, scale: { replicas: 1, threads: 16, processes: 2 }, seconds: 120 });
    expect(evaluations.map(({ scale }) => scale.processes).filter((count, index, all) => count !== all[index - 1])).toEqual([2, 1, 2]);
    expect(last(evaluations)?.answer.class).toBe('STORE');
  });

  it.each([
    ['one pod', 1, 24],
    ['one pod and some room', 1, 40],
    ['three pods', 3, 72],
  ])('is cut where the cap on concurrency has no room for more than %s, and comes back under it', (_what, replicas, maxConcurrency) => {
    const evaluations = follow({ law: spec({ threads: { max: 24 }, maxConcurrency }), behind: farStore, scale: { ...one, replicas }, seconds: 200 });
    expect(threadsOf(evaluations)).toEqual([24, 16, 24]);
    expect(evaluations.every(({ scale }) => scale.replicas === replicas)).toBe(true);
  });

  it('is cut where a quota has refused more pods for a while', () => {
    const refusedSince = (since: number) => follow({ law: spec({ threads: { max: 24 } }), behind: fullStore, scale: one, seconds: 60, window: (windows) => ({ ...windows, blocked: { reason: 'Quota', message: 'exceeded quota', since } }) });
    expect(threadsOf(refusedSince(start - 600_000))).toContain(16);
    expect(threadsOf(refusedSince(start))).not.toContain(16);
  });

  it('is not cut by a rollout', () => {
    const isByRollout = (windows: FleetWindow): FleetWindow => ({ ...windows, live: { threads: false, processes: true } });
    const byProcesses = follow({ law: spec({ replicas: { max: 1 }, threads: { max: 16 }, processes: { max: 2 } }), behind: fullStore, scale: { replicas: 1, threads: 16, processes: 2 }, seconds: 90, window: isByRollout });
    expect(byProcesses.some(({ scale }) => scale.processes === 1)).toBe(true);
    expect(threadsOf(byProcesses)).toEqual([16]);
    expect(threadsOf(follow({ law: atMost, behind: fullStore, scale: one, seconds: 90, window: isByRollout }))).toEqual([24]);
  });

  it.each<[string, Partial<Case>]>([
    ['pods can come', { law: spec({ threads: { max: 24 }, replicas: { max: 500 } }) }],
    ['more threads can come', { law: spec({ replicas: { max: 1 }, threads: { max: 240 } }) }],
    ['nothing smaller is allowed', { law: spec({ replicas: { max: 1 }, threads: { min: 20, max: 24 } }) }],
    ['the mode turns no threads', { law: { ...atMost, mode: 'ReplicasOnly' } }],
    ['nobody would carry it out', { law: { ...atMost, mode: 'Recommend' } }],
    ['the fleet is paused', { law: { ...atMost, paused: true } }],
    ['the objective is met', { law: { ...atMost, objectiveMs: 1000 } }],
    ['a rollout is under way', { window: (windows) => ({ ...windows, rollingOut: true }) }],
    ['a pod is not ready', { window: (windows) => ({ ...windows, readyReplicas: 0 }) }],
    ['a pod is on its way out', { window: (windows) => ({ ...windows, terminating: 1 }) }],
    ['a pod that was asked for has not come', { scale: { ...one, replicas: 2 }, law: spec({ replicas: { max: 2 }, threads: { max: 24 } }), window: (windows) => ({ ...windows, pods: windows.pods.slice(1), readyReplicas: 1 }) }],
  ])('is not cut where %s', (_why, change) => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 90, ...change });
    expect(evaluations.map(({ answer }) => answer.reason)).not.toContain('ConcurrencyCut');
    expect(evaluations.every(({ answer, scale }) => answer.scale.threads >= scale.threads)).toBe(true);
  });
});

describe('a pool that is cut comes back', () => {
  const cutAt = small(follow({ law: atMost, behind: farStore, scale: one, seconds: 120 }))[0]?.second ?? NaN;
  const after = (seconds: number): boolean => seconds > cutAt;

  it('although no window ever shows it', () => {
    let [scale, memory]: [Scale, unknown] = [one, null];
    const seen: number[] = [];
    for (let second = 0; second < 300; second += 5) {
      // The pods stay as they were, whatever is asked of them.
      const answer = recommend(input(fleet(scale, pods(1, fullPool(farStore, one, 15))), { spec: atMost, memory, now: start + 1000 * second }));
      ({ scale, memory } = answer);
      seen.push(scale.threads);
    }
    expect(seen).toContain(16);
    expect(seen.at(-1)).toBe(24);
    expect(seen.filter((threads) => threads === 16).length * 5).toBeLessThanOrEqual(55);
  });

  it('at once when nothing is heard any more', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 300, window: (windows, second) => (after(second) ? { ...windows, pods: windows.pods.map((pod) => ({ ...pod, sample: null })) } : windows) });
    expect(small(evaluations)).toHaveLength(2);
    expect(last(evaluations)).toMatchObject({ scale: { threads: 24 }, answer: { class: 'UNKNOWN' } });
  });

  it.each<[string, (windows: FleetWindow) => FleetWindow]>([
    ['another template', (windows) => ({ ...windows, templateHash: 'b', pods: windows.pods.map((pod) => ({ ...pod, templateHash: 'b' })) })],
    ['a rollout', (windows) => ({ ...windows, rollingOut: true })],
    ['a lost pod', (windows) => ({ ...windows, readyReplicas: 0 })],
  ])('in spite of %s', (_what, change) => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 200, window: (windows, second) => (after(second) ? change(windows) : windows) });
    expect(small(evaluations).length).toBeGreaterThan(0);
    expect(last(evaluations)?.scale.threads).toBe(24);
  });

  it('once a pause that began meanwhile is over', () => {
    const isPaused = (second: number) => after(second) && second < 600;
    let [scale, memory]: [Scale, unknown] = [one, null];
    const seen: { second: number; threads: number }[] = [];
    for (let second = 0; second < 700; second += 5) {
      const answer = recommend(input(fleet(scale, pods(1, fullPool(farStore, scale, 15))), { spec: { ...atMost, paused: isPaused(second) }, memory, now: start + 1000 * second }));
      ({ memory } = answer);
      if (!isPaused(second)) ({ scale } = answer);
      seen.push({ second, threads: scale.threads });
    }
    expect(seen.filter(({ second }) => isPaused(second)).every(({ threads }) => threads === 16)).toBe(true);
    expect(seen.at(-1)?.threads).toBe(24);
  });

  it('under the next leader, who watches for a while before he cuts by himself', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: cutAt + 1 });
    const next = (memory: unknown, scale: Scale) => recommend(input(fleet(scale, pods(1, fullPool(farStore, scale, 15))), { spec: atMost, memory, now: start + 1000 * (cutAt + 20) }));
    expect(next(fromFormerLeader(last(evaluations)?.answer.memory), { ...one, threads: 16 }).scale.threads).toBe(24);
    const before = evaluations.at(-2)?.answer.memory;
    expect(next(fromFormerLeader({ ...before, cut: null }), one).scale.threads).toBe(24);
  });

  it.each([20, 16])('and is no more than the maximum of %d that came meanwhile', (max) => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 200, lawAt: (second) => (after(second) ? spec({ replicas: { max: 1 }, threads: { max } }) : atMost) });
    expect(last(evaluations)?.scale.threads).toBe(max);
    expect(last(evaluations)?.answer.reason).not.toBe('ConcurrencyCut');
  });

  it('also where it was made late', () => {
    let [scale, memory, pending]: [Scale, unknown, Scale[]] = [one, null, []];
    const seen: number[] = [];
    for (let second = 0; second < 300; second += 5) {
      const answer = recommend(input(fleet(scale, pods(1, fullPool(farStore, scale, 15))), { spec: atMost, memory, now: start + 1000 * second }));
      ({ memory } = answer);
      pending.push(answer.scale);
      // Each answer is carried out four evaluations later.
      if (pending.length > 4) scale = pending.shift() ?? scale;
      seen.push(scale.threads);
    }
    expect(seen).toContain(16);
    expect(seen.slice(-10)).toEqual(Array.from({ length: 10 }, () => 24));
  });

  it('without being judged as a move that made things worse', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 300, queue: ({ threads }) => (threads === 16 ? 0.2 : 0.4), cost: ({ threads }) => (threads === 16 ? 0.001 : 0.0014) });
    expect(threadsOf(evaluations)).toEqual([24, 16, 24]);
    expect(evaluations.map(({ answer }) => answer.guard)).not.toContain('MoveUndone');
  });

  it('and was never moved where nobody carried it out', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 300, obeys: false });
    expect(evaluations.filter(({ answer }) => answer.scale.threads === 16).length * 5).toBeLessThanOrEqual(20);
  });
});
