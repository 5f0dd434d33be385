import { describe, expect, it } from '@jest/globals';
import { parseMemory } from '../../../src/core/autoscale/memory.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { PodLoad } from './support/fleet.ts';
import { fleet, histogram, input, pod, spec, start } from './support/fleet.ts';

const seconds = 15;

interface Step {
  second: number;
  replicas?: number;
  threads?: number;
  load: PodLoad;
  /** Loads of single pods, by index; the others have `load`. */
  others?: readonly PodLoad[];
}

/** Evaluates each step with the memory of the one before; the pods of a step are what it says, whatever was recommended. */
const follow = (steps: readonly Step[], objectiveMs = 50) => {
  let memory: unknown = null;
  return steps.map(({ second, replicas = 1, threads = 8, load, others = [] }) => {
    const all = Array.from({ length: replicas }, (_, index) => pod(`pod-${index}`, { ...(others[index] ?? load), threads }));
    const answer = recommend(input(fleet({ replicas, threads, processes: 1 }, all), { memory, now: start + 1000 * second, spec: spec({ objectiveMs, threads: { max: 32 } }) }));
    ({ memory } = answer);
    return answer;
  });
};

/** A threads pod with a p95 and a CPU cost of our choosing. */
const python = (p95Ms: number, cpu: number, more: PodLoad['sample'] = {}): PodLoad => {
  const rate = 100;
  const completions = rate * seconds;
  const request = p95Ms / 1000;
  return {
    rate,
    cores: 4,
    sample: {
      model: 'threads', knob: 'threads', gil: 'on', completions, arrivals: completions, rejected: 0, loopLagSeconds: null,
      inflightSeconds: completions * request, inflight: Math.round(rate * request), queueDepth: 0,
      cpuSeconds: completions * cpu, busiestProcessCpuSeconds: completions * cpu,
      request: histogram(completions, request), queue: histogram(completions, 0), service: histogram(completions, request), store: histogram(completions, 0.004),
      ...more,
    },
  };
};

describe('a thread move that makes things worse', () => {
  const dearer = [
    { second: 0, threads: 8, load: python(40, 0.003) },
    { second: 5, threads: 10, load: python(40, 0.003) },
    { second: 30, threads: 10, load: python(70, 0.0045) },
  ];

  it('is taken back, says why, and is not repeated', () => {
    const answer = follow(dearer, 200).at(-1);
    expect(answer).toMatchObject({ scale: { threads: 8 }, reason: 'MoveUndone', guard: 'MoveUndone' });
    expect(answer?.message).toContain('threads 8 → 10 made a request cost 4.5 ms of CPU instead of 3 ms');
    const starved: PodLoad = { ...python(70, 0.004), sample: { ...python(70, 0.004).sample, busyThreadSeconds: 8 * seconds, queueDepth: 20, inflight: 28, queue: histogram(1500, 0.03) } };
    const again = follow([...dearer, { second: 60, threads: 8, load: starved }, { second: 80, threads: 8, load: starved }, { second: 85, threads: 8, load: starved }, { second: 90, threads: 8, load: starved }], 200);
    expect(again.at(-1)).toMatchObject({ class: 'THREADS', scale: { threads: 8 }, guard: 'MoveUndone' });
  });

  it('may be tried again after a while', () => {
    expect(parseMemory(follow([...dearer, { second: 30 + 16 * 60, threads: 8, load: python(40, 0.004) }]).at(-1)?.memory)?.blocks).toEqual([]);
  });

  it.each<[string, Partial<Step>]>([
    ['the load is another', { load: { ...python(70, 0.006), rate: 200, sample: { ...python(70, 0.006).sample, arrivals: 2800, completions: 2800, cpuSeconds: 2800 * 0.006, busiestProcessCpuSeconds: 2800 * 0.006, inflightSeconds: 2800 * 0.07, request: histogram(2800, 0.07), service: histogram(2800, 0.07) } } }],
    ['half of the window lies before it', { second: 12 }],
    ['p95 has gone down with it', { load: python(20, 0.006) }],
  ])('is not judged where %s', (_why, last) => {
    const [before, after] = dearer;
    expect(before && after && follow([before, after, { second: 30, threads: 16, load: python(70, 0.006), ...last }]).at(-1)?.guard).not.toBe('MoveUndone');
  });

  it('down is taken back when requests wait for a slot and p95 is over the objective', () => {
    const waits: PodLoad = { ...python(90, 0.004), sample: { ...python(90, 0.004).sample, busyThreadSeconds: 6 * seconds, queueDepth: 9, inflight: 15, queue: histogram(1500, 0.03) } };
    const answer = follow([
      { second: 0, threads: 12, load: python(40, 0.004) },
      { second: 5, threads: 6, load: python(40, 0.004) },
      { second: 30, threads: 6, load: waits },
    ]).at(-1);
    expect(answer?.scale.threads).toBeGreaterThanOrEqual(12);
  });
});

/** Three pods whose CPU is not the limit, with a p95 over the objective that waits in a queue. */
const slow = (p95Ms: number): PodLoad => {
  const load = python(p95Ms, 0.006);
  return { ...load, sample: { ...load.sample, queue: histogram(1500, 0.5 * (p95Ms / 1000)) } };
};

describe('pods that bring nothing', () => {
  const base = [
    { second: 0, replicas: 2, load: slow(90) },
    { second: 5, replicas: 3, load: slow(90) },
  ];
  /** The same offered load, shared by three. */
  const shared = (p95Ms: number): PodLoad => {
    const { sample } = slow(p95Ms);
    const completions = 1000;
    return { ...slow(p95Ms), sample: { ...sample, arrivals: completions, completions, cpuSeconds: completions * 0.009, busiestProcessCpuSeconds: completions * 0.009, inflightSeconds: completions * (p95Ms / 1000), request: histogram(completions, p95Ms / 1000), service: histogram(completions, p95Ms / 1000), store: histogram(completions, 0.004), queue: histogram(completions, 0.0005 * p95Ms) } };
  };

  it('are not asked for again for a while, and the guard says what was seen', () => {
    const answers = follow([...base, { second: 45, replicas: 3, load: shared(92) }, { second: 50, replicas: 3, load: shared(92) }]);
    expect(answers.at(-1)).toMatchObject({ scale: { replicas: 3 }, guard: 'PodsBroughtNothing' });
    expect(answers.at(-1)?.message).toMatch(/replicas 2 → 3 brought nothing: p95 .* then, .* now/u);
  });

  it('are asked for again when p95 came down, though not enough', () => {
    expect(follow([...base, { second: 45, replicas: 3, load: shared(60) }, { second: 50, replicas: 3, load: shared(60) }]).at(-1)?.guard).not.toBe('PodsBroughtNothing');
  });

  it('are not judged while the new one has no traffic, because connections live long', () => {
    const idle = { ...python(90, 0.006), sample: { ...python(90, 0.006).sample, arrivals: 60, completions: 60, cpuSeconds: 0.5, busiestProcessCpuSeconds: 0.5, inflightSeconds: 60 * 0.09, inflight: 0, request: histogram(60, 0.09), service: histogram(60, 0.09), store: histogram(60, 0.004), queue: histogram(60, 0) } };
    expect(follow([...base, { second: 45, replicas: 3, load: slow(92), others: [idle] }]).at(-1)?.guard).not.toBe('PodsBroughtNothing');
  });
});

describe('the planned share of the CPU', () => {
  /** Two minutes at rest, and the share that is planned with afterwards. */
  const trimAfter = (load: PodLoad, minutes: number): number => {
    const steps = Array.from({ length: minutes * 12 }, (_, index) => ({ second: 5 * index, load }));
    return parseMemory(follow(steps).at(-1)?.memory)?.learned.trim ?? NaN;
  };

  it('falls by a step a minute while p95 stays over the objective on a busy pod', () => {
    expect(trimAfter(python(60, 0.008), 3)).toBeCloseTo(-0.12, 1);
  });

  it('rises slowly while p95 leaves room on a pod that is as busy as planned', () => {
    expect(trimAfter(python(20, 0.0075), 3)).toBeGreaterThan(0);
  });

  it('is given back once the objective is met again, also where p95 is always near it', () => {
    const bad = Array.from({ length: 36 }, (_, index) => ({ second: 5 * index, load: python(60, 0.008) }));
    const good = Array.from({ length: 5 * 12 }, (_, index) => ({ second: 180 + 5 * index, load: python(45, 0.006) }));
    const trim = (steps: readonly Step[]) => parseMemory(follow(steps).at(-1)?.memory)?.learned.trim ?? NaN;
    expect(trim([...bad, ...good])).toBeGreaterThan(trim(bad));
  });

  it('stays while the pod is hardly used: a p95 at rest says nothing about a busy one', () => {
    expect(trimAfter(python(20, 0.001), 3)).toBe(0);
  });
});

describe('what is remembered of moves', () => {
  const remembered = { knob: 'threads', side: 'up', limit: 4, until: start + 600_000, class: 'OK', offered: 100, why: 'it was dearer' } as const;
  const withBlocks = (blocks: readonly Record<string, unknown>[], mode: 'Auto' | 'ReplicasOnly', mostPods = 20) => {
    const load = { ...python(400, 0.004), sample: { ...python(400, 0.004).sample, busyThreadSeconds: 8 * seconds, queueDepth: 40, inflight: 48, queue: histogram(1500, 0.35) } };
    const windows = fleet({ replicas: 1, threads: 8, processes: 1 }, [pod('pod-0', { ...load, threads: 8 })]);
    const { memory } = recommend(input(windows, { now: start - 5000, spec: spec({ mode }) }));
    return recommend(input(windows, { memory: { ...memory, blocks }, spec: spec({ mode, processes: { max: 4 }, replicas: { max: mostPods } }) }));
  };

  it('applies to every knob at once', () => {
    expect(withBlocks([remembered, { ...remembered, knob: 'processes', limit: 1 }], 'Auto', 1).scale).toMatchObject({ threads: 4, processes: 1 });
  });

  it('does not keep processes and pods away that help instead of threads', () => {
    expect(withBlocks([{ ...remembered, limit: 8 }], 'Auto').scale).toMatchObject({ threads: 8, processes: 2, replicas: 1 });
    expect(withBlocks([{ ...remembered, limit: 8 }, { ...remembered, knob: 'processes', limit: 1 }], 'Auto').scale).toMatchObject({ threads: 8, processes: 1, replicas: 2 });
  });

  it('turns no threads in a mode that turns none', () => {
    expect(withBlocks([{ ...remembered, side: 'down', limit: 16 }], 'ReplicasOnly').scale.threads).toBe(8);
  });

  it('is forgotten when the load has grown', () => {
    expect(withBlocks([{ ...remembered, offered: 50 }], 'Auto').guard).not.toBe('MoveUndone');
  });
});
