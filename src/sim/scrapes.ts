/**
 * Scrapes of a pod, and what the law's input says of it: differences between two of them.
 *
 * @module
 */
import type { Histogram, PodSample, PodWindow } from '../core/autoscale/types.ts';
import { PERIOD } from './machine.ts';
import { sums } from './meters.ts';
import type { Meters, Sum } from './meters.ts';
import type { Pod } from './pod.ts';
import type { Conditions } from './profile.ts';
import type { RandomStream } from './random.ts';

/** Windows reach back no further, seconds. */
const LONGEST_WINDOW = 600;

/** What one scrape read. */
interface Snapshot extends Record<Sum, number> {
  at: number;
  threads: number;
  processes: number;
  inside: number;
  queued: number;
  cpuOf: Float64Array;
  request: Float64Array;
  queue: Float64Array;
  service: Float64Array;
  store: Float64Array;
}

const histograms = ['request', 'queue', 'service', 'store'] as const;

const snapshotOf = ({ meters, slots, inside, queued }: Pod, at: number): Snapshot => ({
  ...(Object.fromEntries(sums.map((sum) => [sum, meters[sum]])) as Record<Sum, number>),
  at,
  threads: slots.threads,
  processes: slots.processes,
  inside,
  queued,
  cpuOf: meters.cpuOf.slice(0, slots.processes),
  ...(Object.fromEntries(histograms.map((name) => [name, meters[name].slice()])) as Pick<Meters, (typeof histograms)[number]>),
});

/** The scrapes of one pod, oldest first. CPU counters carry noise that adds up like the error of a sampled clock. */
export class Scrapes {
  readonly pod: Pod;
  #kept: Snapshot[] = [];
  #trueCpu = 0;
  #noisyCpu = 0;

  constructor(pod: Pod) {
    this.pod = pod;
  }

  /** Reads the pod's counters, which have to be settled up to `now`. */
  take(now: number, noise: number, random: RandomStream): void {
    const snapshot = snapshotOf(this.pod, now);
    const factor = Math.max(0, 1 + noise * random.normal());
    this.#noisyCpu += (snapshot.cpu - this.#trueCpu) * factor;
    this.#trueCpu = snapshot.cpu;
    const share = this.#trueCpu > 0 ? this.#noisyCpu / this.#trueCpu : 1;
    snapshot.cpu = this.#noisyCpu;
    snapshot.cpuOf = snapshot.cpuOf.map((cpu) => cpu * share);
    this.#kept.push(snapshot);
    const since = this.#kept.findIndex(({ at }) => at >= now - LONGEST_WINDOW);
    if (since > 1) this.#kept = this.#kept.slice(since - 1);
  }

  /** Requests that arrived in the window of about `span` seconds before the newest scrape known at `known`. */
  arrivals(span: number, known: number): number {
    const ends = this.#ends(span, known);
    return ends === null ? 0 : ends.to.arrivals - ends.from.arrivals;
  }

  /** The window as the law reads it; null while there are not two scrapes. */
  sample(span: number, known: number, now: number, view: SampleView): PodSample | null {
    const ends = this.#ends(span, known);
    return ends === null ? null : sampleBetween(ends.from, ends.to, now, view);
  }

  /** A window does not reach back over a change of the pool's size once half of it lies behind the change. */
  #ends(span: number, known: number): { from: Snapshot; to: Snapshot } | null {
    const last = this.#kept.findLastIndex(({ at }) => at <= known);
    const to = this.#kept[last];
    if (to === undefined || last === 0) return null;
    const before = this.#kept.slice(0, last);
    const changed = before.findLastIndex(({ threads, processes }) => threads !== to.threads || processes !== to.processes) + 1;
    const since = before[changed]?.at ?? to.at;
    const usable = to.at - since >= span / 2 ? before.slice(changed) : before;
    return { from: nearest(usable, to.at - span), to };
  }
}

const nearest = (snapshots: readonly Snapshot[], at: number): Snapshot => snapshots.reduce((best, one) => (Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best));

interface SampleView {
  edges: readonly number[];
  conditions: Conditions;
  /** Raised with each change of the pool. */
  generation: number;
}

const histogramBetween = (from: Float64Array, to: Float64Array, edges: readonly number[]): Histogram => {
  const difference = Array.from(to, (value, index) => value - (from[index] ?? 0));
  return { edges: [...edges], counts: difference.slice(0, -1), sum: Math.max(0, difference.at(-1) ?? 0) };
};

const kindOf = ({ model, gilMs, cpuMs }: Conditions, processes: number): Pick<PodSample, 'model' | 'knob' | 'gil' | 'queueVisible'> => {
  if (model === 'eventloop') return { model: 'eventloop', knob: 'inflight', gil: 'none', queueVisible: true };
  return { model: processes > 1 ? 'processes' : 'threads', knob: 'threads', gil: (gilMs ?? cpuMs) > 0 ? 'on' : 'off', queueVisible: true };
};

const sampleBetween = (from: Snapshot, to: Snapshot, now: number, { edges, conditions, generation }: SampleView): PodSample => {
  const amount = (name: Sum): number => Math.max(0, to[name] - from[name]);
  const seconds = to.at - from.at;
  const kind = kindOf(conditions, to.processes);
  const busiest = to.cpuOf.reduce((most, cpu, process) => Math.max(most, cpu - (from.cpuOf[process] ?? 0)), 0);
  const hasLock = kind.gil === 'on';
  return {
    seconds,
    ageSeconds: Math.max(0, now - to.at),
    ...kind,
    threads: to.threads,
    processes: to.processes,
    generation,
    arrivals: amount('arrivals'),
    completions: amount('completions'),
    rejected: amount('rejected'),
    serverErrors: 0,
    inflightSeconds: amount('inflight'),
    busyThreadSeconds: kind.knob === 'threads' ? amount('busy') : null,
    inflight: to.inside,
    queueDepth: to.queued,
    cpuSeconds: amount('cpu'),
    busiestProcessCpuSeconds: busiest,
    loopLagSeconds: kind.model === 'eventloop' ? amount('loopLag') : null,
    gilWaitSeconds: hasLock ? amount('gilWait') : null,
    gilProbeSeconds: hasLock ? seconds * to.processes : null,
    gilWaitingThreadSeconds: hasLock ? amount('gilWaiting') : null,
    runqueueWaitSeconds: amount('runqueue'),
    throttledSeconds: amount('throttled'),
    throttledPeriods: amount('throttledPeriods'),
    cpuPeriods: conditions.coreLimit === null ? 0 : Math.round(seconds / PERIOD),
    lockWaitSeconds: null,
    request: histogramBetween(from.request, to.request, edges),
    queue: histogramBetween(from.queue, to.queue, edges),
    service: histogramBetween(from.service, to.service, edges),
    store: histogramBetween(from.store, to.store, edges),
  };
};

/** What a watch knows of a pod beside its sample. Times as milliseconds since the epoch. */
export const podWindow = (pod: Pod, sample: PodSample | null, conditions: Conditions, epochMs: number): PodWindow => ({
  name: `pod-${pod.number}`,
  node: null,
  templateHash: conditions.template,
  ready: pod.readyAt !== null,
  startedAt: epochMs + 1000 * pod.createdAt,
  readyAt: pod.readyAt === null ? null : epochMs + 1000 * pod.readyAt,
  coreLimit: conditions.coreLimit,
  sample,
});
