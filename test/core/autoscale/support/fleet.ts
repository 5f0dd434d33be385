/**
 * Fleets for tests: specs, pods with numbers that obey Little's law, and a fluid model of a fleet under load.
 *
 * @module
 */
import type { Scale } from '../../../../src/api/featureserver-status.ts';
import { recommend } from '../../../../src/core/autoscale/recommend.ts';
import type { AutoscaleSpec, FleetWindow, Histogram, PodSample, PodWindow, RecommendInput, Recommendation } from '../../../../src/core/autoscale/types.ts';

export const start = Date.parse('2026-03-01T00:00:00Z');

/** A deep partial, so that a test names only what it is about. */
type Part<T> = { [K in keyof T]?: T[K] extends object | null ? Part<NonNullable<T[K]>> | T[K] : T[K] };

export const spec = (part: Part<AutoscaleSpec> = {}): AutoscaleSpec => ({
  mode: part.mode ?? 'Auto',
  paused: part.paused ?? false,
  objectiveMs: part.objectiveMs ?? 50,
  replicas: { min: 1, max: 20, ...part.replicas },
  threads: { min: 1, max: 32, initial: 8, ...part.threads },
  processes: { min: 1, max: 1, ...part.processes },
  maxConcurrency: part.maxConcurrency ?? null,
  warmUpMs: part.warmUpMs ?? 10_000,
  scaleUp: { maxPods: 4, maxPercent: 100, periodMs: 15_000, ...part.scaleUp },
  scaleDown: { enabled: true, stabilizationMs: 300_000, maxPercentPerMinute: 10, ...part.scaleDown },
  evaluation: { periodMs: 5000, windowMs: 15_000, ...part.evaluation },
});

const edges: number[] = [0.05];
for (let edge = 0.001; edge < 2.5; edge *= 1.25) edges.push(Number(edge.toPrecision(4)));
edges.sort((a, b) => a - b);

/** All observations in the bucket of their mean. */
export const histogram = (count: number, mean: number): Histogram => {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  const bucket = edges.findIndex((edge) => edge >= mean);
  counts[bucket === -1 ? edges.length : bucket] = count;
  return { edges, counts, sum: count * mean };
};

export interface PodLoad {
  /** Offered requests per second. */
  rate: number;
  cpu?: number;
  store?: number;
  threads?: number;
  processes?: number;
  cores?: number | null;
  seconds?: number;
  /** Seconds in the queue; computed from the load when absent. */
  queue?: number;
  sample?: Partial<PodSample>;
  pod?: Partial<PodWindow>;
}

/** One event-loop pod under a load: a station with a CPU, a store to wait for, and a limited number of slots. */
export const pod = (name: string, load: PodLoad): PodWindow => {
  const { rate, cpu = 0.002, store = 0.02, threads = 8, processes = 1, cores = 1, seconds = 15 } = load;
  const slots = threads * processes;
  const cpuLimit = Math.min(processes, cores ?? Infinity) / cpu;
  const answered = Math.min(rate, cpuLimit, slots / (cpu + store));
  const busyShare = Math.min(0.99, answered / cpuLimit);
  const service = store + Math.min(slots / Math.max(answered, 1e-9), cpu / (1 - busyShare));
  const isFull = rate > answered * 1.001 || answered * service >= 0.95 * slots;
  const queue = load.queue ?? (isFull ? 0.3 : 0.0005);
  const completions = answered * seconds;
  const cpuSeconds = completions * cpu;
  return {
    name,
    node: null,
    templateHash: 'a',
    ready: true,
    startedAt: start - 3_600_000,
    readyAt: start - 3_590_000,
    coreLimit: cores,
    ...load.pod,
    sample: {
      seconds,
      ageSeconds: 1,
      model: 'eventloop',
      knob: 'inflight',
      gil: 'none',
      queueVisible: true,
      threads,
      processes,
      generation: 1,
      arrivals: rate * seconds,
      completions,
      rejected: Math.max(0, (rate - answered) * seconds),
      serverErrors: 0,
      inflightSeconds: completions * (service + queue),
      busyThreadSeconds: null,
      inflight: Math.round(answered * (service + queue)),
      queueDepth: isFull ? 5 : 0,
      cpuSeconds,
      busiestProcessCpuSeconds: cpuSeconds / processes,
      loopLagSeconds: seconds * processes * cpu * (busyShare / (1 - busyShare)),
      gilWaitSeconds: null,
      gilProbeSeconds: null,
      gilWaitingThreadSeconds: null,
      runqueueWaitSeconds: null,
      throttledSeconds: 0,
      throttledPeriods: 0,
      cpuPeriods: 10 * seconds,
      lockWaitSeconds: null,
      request: histogram(completions, service + queue),
      queue: histogram(completions, queue),
      service: histogram(completions, service),
      store: histogram(completions, store),
      ...load.sample,
    },
  };
};

export const fleet = (current: Scale, pods: PodWindow[], part: Partial<FleetWindow> = {}): FleetWindow => ({
  current,
  readyReplicas: pods.filter(({ ready }) => ready).length,
  terminating: 0,
  rollingOut: false,
  templateHash: 'a',
  blocked: null,
  pods,
  ...part,
});

/** `count` equal pods. */
export const pods = (count: number, load: PodLoad): PodWindow[] => Array.from({ length: count }, (_, index) => pod(`pod-${index}`, load));

export const input = (windows: FleetWindow, part: Partial<RecommendInput> = {}): RecommendInput => ({ spec: spec(), windows, memory: null, now: start, ...part });

export interface Step {
  second: number;
  rate: number;
  scale: Scale;
  answer: Recommendation;
}

export interface Run {
  spec: AutoscaleSpec;
  scale: Scale;
  seconds: number;
  /** Offered requests per second of the whole fleet. */
  rate: (second: number) => number;
  load?: Omit<PodLoad, 'rate'>;
  /** Changes the window of one evaluation. */
  window?: (windows: FleetWindow, second: number) => FleetWindow;
  memory?: unknown;
}

/** Runs the law in a closed loop: each recommendation is carried out at once, memory goes through JSON each time. */
export const drive = ({ spec, scale: from, seconds, rate, load = {}, window = (windows) => windows, memory: given = null }: Run): Step[] => {
  const steps: Step[] = [];
  let scale = from;
  let memory: unknown = given;
  for (let second = 0; second < seconds; second += spec.evaluation.periodMs / 1000) {
    const each = rate(second) / Math.max(1, scale.replicas);
    const all = pods(scale.replicas, { ...load, rate: each, threads: scale.threads, processes: scale.processes, seconds: spec.evaluation.windowMs / 1000 });
    const answer = recommend({ spec, windows: window(fleet(scale, all), second), memory, now: start + second * 1000 });
    steps.push({ second, rate: rate(second), scale, answer });
    memory = JSON.parse(JSON.stringify(answer.memory));
    ({ scale } = answer);
  }
  return steps;
};
