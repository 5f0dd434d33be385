import { describe, expect, it } from '@jest/globals';
import type { Scale } from '../../../src/api/featureserver-status.ts';
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

/** A pool whose every slot is busy, with a queue before it. */
const fullPool = (behind: Behind, scale: Scale, seconds: number): PodLoad => {
  const slots = scale.threads * scale.processes;
  const { store, rest } = behind(slots * scale.replicas);
  const service = store + rest + cpu;
  const completions = (slots / service) * seconds;
  const queue = 0.2;
  return {
    rate: slots / service, threads: scale.threads, processes: scale.processes, cores: 2, seconds,
    sample: {
      model: 'threads', knob: 'threads', gil: 'on', loopLagSeconds: null, completions, arrivals: completions + 20, rejected: 20,
      inflightSeconds: completions * (service + queue), busyThreadSeconds: slots * seconds, inflight: slots + 30, queueDepth: 30,
      cpuSeconds: completions * cpu, busiestProcessCpuSeconds: (completions * cpu) / scale.processes,
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
  part?: Partial<FleetWindow>;
}

/** Evaluates in a closed loop. A window does not reach back over a change of the pool once half of it lies behind that. */
const follow = ({ law, behind, scale: from, seconds, part = {} }: Case): Evaluation[] => {
  const evaluations: Evaluation[] = [];
  let [scale, memory, movedAt] = [from, null as unknown, -100];
  for (let second = 0; second < seconds; second += 5) {
    const since = second - movedAt;
    const length = since >= 8 ? Math.min(15, since - 1) : 15;
    const windows = fleet(scale, pods(scale.replicas, fullPool(behind, scale, length)), part);
    const answer = recommend(input(windows, { spec: law, memory, now: start + 1000 * second }));
    memory = JSON.parse(JSON.stringify(answer.memory));
    evaluations.push({ second, scale, answer });
    if (answer.scale.threads !== scale.threads || answer.scale.processes !== scale.processes) movedAt = second;
    ({ scale } = answer);
  }
  return evaluations;
};

const atMost = spec({ replicas: { max: 1 }, threads: { max: 24 } });
const one: Scale = { replicas: 1, threads: 24, processes: 1 };
const threadsOf = (evaluations: readonly Evaluation[]): number[] => evaluations.map(({ scale }) => scale.threads).filter((threads, index, all) => threads !== all[index - 1]);
const last = (evaluations: readonly Evaluation[]): Evaluation | undefined => evaluations.at(-1);

describe('a full pool that is as large as it may be', () => {
  it.each<[string, Behind, string]>([
    ['a full store', fullStore, 'STORE'],
    ['a lock', lock, 'LOCK'],
  ])('is cut for a window, which shows %s', (_what, behind, found) => {
    const evaluations = follow({ law: atMost, behind, scale: one, seconds: 90 });
    expect(evaluations.find(({ answer }) => answer.reason === 'ConcurrencyCut')?.answer).toMatchObject({ class: 'THREADS', scale: { threads: 16 } });
    expect(last(evaluations)?.answer.class).toBe(found);
    expect(threadsOf(evaluations).slice(0, 2)).toEqual([24, 16]);
    expect(Math.max(...threadsOf(evaluations).slice(1))).toBe(16);
  });

  it('is whole again after that window where the slots are what is short, and is left alone for a quarter of an hour', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 14 * 60 });
    expect(threadsOf(evaluations)).toEqual([24, 16, 24]);
    const small = evaluations.filter(({ scale }) => scale.threads === 16);
    expect(small.length * 5).toBeLessThanOrEqual(25);
    expect(evaluations.every(({ answer }) => answer.class === 'THREADS')).toBe(true);
    const cutAt = small[0]?.second ?? 0;
    const longer = follow({ law: atMost, behind: farStore, scale: one, seconds: cutAt + 15 * 60 + 60 });
    expect(threadsOf(longer)).toEqual([24, 16, 24, 16, 24]);
  });

  it('is cut by processes where its threads are fixed', () => {
    const law = spec({ replicas: { max: 1 }, threads: { min: 16, max: 16 }, processes: { min: 1, max: 2 } });
    const evaluations = follow({ law, behind: fullStore, scale: { replicas: 1, threads: 16, processes: 2 }, seconds: 90 });
    expect(evaluations.some(({ scale }) => scale.processes === 1)).toBe(true);
    expect(last(evaluations)?.answer.class).toBe('STORE');
  });

  it('is cut where a quota refuses more pods', () => {
    const blocked = { reason: 'Quota', message: 'exceeded quota', since: start } as const;
    const evaluations = follow({ law: spec({ threads: { max: 24 } }), behind: fullStore, scale: one, seconds: 60, part: { blocked } });
    expect(threadsOf(evaluations)).toContain(16);
  });

  it.each<[string, Partial<Case>]>([
    ['pods can come', { law: spec({ threads: { max: 24 } }), seconds: 5 }],
    ['more threads can come', { law: spec({ replicas: { max: 1 }, threads: { max: 48 } }), seconds: 5 }],
    ['nothing smaller is allowed', { law: spec({ replicas: { max: 1 }, threads: { min: 20, max: 24 } }) }],
    ['the mode turns no threads', { law: { ...atMost, mode: 'ReplicasOnly' } }],
    ['the objective is met', { law: { ...atMost, objectiveMs: 1000 } }],
    ['a rollout is under way', { part: { rollingOut: true } }],
  ])('is not cut where %s', (_why, change) => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 60, ...change });
    expect(evaluations.every(({ answer, scale }) => answer.scale.threads >= scale.threads)).toBe(true);
  });

  it('is not cut by a rollout', () => {
    const byProcesses = follow({ law: spec({ replicas: { max: 1 }, threads: { max: 16 }, processes: { max: 2 } }), behind: fullStore, scale: { replicas: 1, threads: 16, processes: 2 }, seconds: 60, part: { live: { threads: false, processes: true } } });
    expect(byProcesses.find(({ answer }) => answer.reason === 'ConcurrencyCut')?.answer.scale).toMatchObject({ threads: 16, processes: 1 });
    const never = follow({ law: atMost, behind: fullStore, scale: one, seconds: 60, part: { live: { threads: false, processes: true } } });
    expect(threadsOf(never)).toEqual([24]);
  });

  it('comes back although no window ever shows the cut', () => {
    const law = atMost;
    let [scale, memory]: [Scale, unknown] = [one, null];
    const seen: number[] = [];
    for (let second = 0; second < 300; second += 5) {
      // The pods stay as they were, whatever is asked of them.
      const answer = recommend(input(fleet(scale, pods(1, fullPool(farStore, one, 15))), { spec: law, memory, now: start + 1000 * second }));
      ({ scale, memory } = answer);
      seen.push(scale.threads);
    }
    expect(seen).toContain(16);
    expect(seen.at(-1)).toBe(24);
    expect(seen.filter((threads) => threads === 16).length * 5).toBeLessThanOrEqual(50);
  });

  it('is not judged as a move that made things worse', () => {
    const evaluations = follow({ law: atMost, behind: farStore, scale: one, seconds: 120 });
    expect(evaluations.map(({ answer }) => answer.guard)).not.toContain('MoveUndone');
    expect(evaluations.map(({ answer }) => answer.reason)).toContain('ConcurrencyCut');
  });
});
