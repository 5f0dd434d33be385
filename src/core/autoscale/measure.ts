/**
 * The fleet's pods over one window as a handful of numbers, from the pods that can be believed.
 *
 * @module
 */
import { mean, mergeHistograms, quantile } from './histogram.ts';
import { clamp, countOrNull, isCount, median, ratio } from './numbers.ts';
import { outliers } from './outliers.ts';
import { loadWithoutCpu, sampleProblem } from './quality.ts';
import type { Problem } from './quality.ts';
import type { AutoscaleSpec, FleetWindow, PodSample, PodWindow } from './types.ts';

/** Fewer answers than this from one pod say nothing about what a request costs there. */
const FEW_ANSWERS = 5;
/** Seconds a container takes to become ready when no pod has told yet. */
const USUAL_START_SECONDS = 10;
/** A Deployment gives up on pods that take so long (its default progress deadline). */
const LONGEST_START_SECONDS = 600;

/** Measured facts of one window. Rates per second, times in seconds, CPU in cores; null where nobody could tell. */
export interface Facts {
  now: number;
  pods: { running: number; reporting: number; silent: number; everReady: number; surge: number };
  /** Share of the running pods that can be used, those that are still starting left out. */
  coverage: number;
  problems: Map<Problem, number>;
  oldestSeconds: number | null;
  /** When the sample of a typical pod was taken, milliseconds since the epoch; null without one. */
  sampledAt: number | null;
  /** Where the longest window of a believed pod begins, and when the newest pod should have begun to serve. Milliseconds since the epoch. */
  windowBegan: number;
  newestServesSince: number;
  /** Requests that arrived in the window, over all pods. */
  requests: number;
  offered: number;
  answered: number;
  rejected: number;
  /** Requests waiting to be picked up, now. */
  backlog: number;
  response: number | null;
  response95: number | null;
  queue: number;
  service: number | null;
  service95: number | null;
  store: number | null;
  store95: number | null;
  /** CPU per request of a typical pod that is warm, by plain division. */
  cpuPerRequest: number | null;
  /** Of a typical pod: requests per second, cores, cores of its busiest process, share of its limit. */
  podRate: number | null;
  podCores: number | null;
  processCores: number | null;
  limitShare: number | null;
  /** Pods that are much slower than the others, as a sentence; empty without. */
  outliers: string;
  /** Some pod has its warm-up behind it: what a request costs is not the cost of a start. */
  isWarm: boolean;
  /** Rate of the pod with the least of them, in shares of the typical one's. */
  leastShare: number | null;
  /** Share of the pool's slots that hold a request, 0 to 1. */
  inUse: number | null;
  busySlots: number;
  /** Slots that hold a request at this moment, which a queue shows long before the mean of a window does. */
  busySlotsNow: number;
  slots: number;
  /** Share of the time in which the kernel kept the pod from running, by the cores of its limit. */
  throttled: number | null;
  /** Mean lag of one event loop, seconds. */
  loopLag: number | null;
  gilShare: number | null;
  /** Threads of a process that wait for the interpreter lock, on average. */
  gilWaiting: number | null;
  /** Per request, seconds: waits of runnable threads for a core, and waits for locks and pools that the application declares. */
  runqueueWait: number | null;
  lockWait: number | null;
  /** Part of a service that neither CPU nor the store nor a wait for a core or the interpreter explains, seconds. */
  rest: number | null;
  coreLimit: number | null;
  /** Processes of a pod in force. */
  processes: number | null;
  model: PodSample['model'];
  knob: PodSample['knob'];
  gil: PodSample['gil'];
  queueVisible: boolean;
  /** Usual seconds from start to ready: as seen (null when no pod has told), and as assumed. */
  seenStartSeconds: number | null;
  startSeconds: number;
}

interface Believed {
  pod: PodWindow;
  sample: PodSample;
}

const sum = (values: readonly Believed[], pick: (sample: PodSample) => number): number =>
  values.reduce((total, { sample }) => total + pick(sample), 0);

const typical = (values: readonly Believed[], pick: (one: Believed) => number | null): number | null =>
  median(values.map(pick).filter(isCount));

/** Arrivals as the pod counted them; a server that counts answers only still offers at least those. */
const offeredOf = (sample: PodSample): number =>
  sample.arrivals > 0 ? sample.arrivals : sample.completions + sample.rejected;

/**
 * Time slots held requests. Without a count of it: everything inside but the waits that have ended, and at most all slots
 * all the time. What still waits is then counted as served, which matters only where a queue stands: there the slots are full.
 */
const busyOf = (sample: PodSample): number =>
  isCount(sample.busyThreadSeconds)
    ? sample.busyThreadSeconds
    : clamp(sample.inflightSeconds - sample.queue.sum, 0, sample.processes * sample.threads * sample.seconds);

const throttledShare = ({ pod, sample }: Believed): number | null => {
  const throttled = countOrNull(sample.throttledSeconds);
  return throttled === null ? null : throttled / (sample.seconds * Math.max(1, Math.ceil(pod.coreLimit ?? 1)));
};

const limitShare = ({ pod, sample }: Believed): number | null =>
  pod.coreLimit === null ? null : sample.cpuSeconds / sample.seconds / pod.coreLimit;

const processCores = ({ sample }: Believed): number => {
  const busiest = countOrNull(sample.busiestProcessCpuSeconds) ?? sample.cpuSeconds / sample.processes;
  return busiest / sample.seconds;
};

const sizes = (believed: readonly Believed[]) => {
  const slots = sum(believed, (sample) => sample.processes * sample.threads);
  const busySlots = sum(believed, (sample) => busyOf(sample) / sample.seconds);
  const held = (sample: PodSample) => clamp(sample.inflight - sample.queueDepth, 0, sample.processes * sample.threads);
  return { slots, busySlots, busySlotsNow: sum(believed, held), inUse: ratio(busySlots, slots) };
};

const latencies = (believed: readonly Believed[]) => {
  const merged = (pick: (sample: PodSample) => PodSample['request']) => mergeHistograms(believed.map(({ sample }) => pick(sample)));
  const request = merged((sample) => sample.request);
  const service = merged((sample) => sample.service);
  const store = merged((sample) => sample.store);
  return {
    response: mean(request),
    response95: quantile(request, 0.95),
    queue: mean(merged((sample) => sample.queue)) ?? 0,
    service: mean(service),
    service95: quantile(service, 0.95),
    store: mean(store),
    store95: quantile(store, 0.95),
  };
};

const loads = (believed: readonly Believed[]) => ({
  requests: sum(believed, offeredOf),
  offered: sum(believed, (sample) => offeredOf(sample) / sample.seconds),
  answered: sum(believed, (sample) => sample.completions / sample.seconds),
  rejected: sum(believed, (sample) => sample.rejected / sample.seconds),
  backlog: sum(believed, (sample) => sample.queueDepth),
});

const perRequest = ({ sample }: Believed, seconds: number | null): number | null => (sample.completions >= FEW_ANSWERS && isCount(seconds) ? seconds / sample.completions : null);

/**
 * What of a service nothing explains: a lock, a pool of connections, a dependency that nobody declared. The store's time was measured
 * by threads that may also have waited for the interpreter in it, so the wait counts once: as much of it as the rest leaves room for.
 */
const unexplained = (one: Believed): number | null => {
  const { sample } = one;
  const service = mean(sample.service);
  const cpu = perRequest(one, sample.cpuSeconds);
  if (service === null || cpu === null) return null;
  const waits = [sample.gilWaitingThreadSeconds, sample.runqueueWaitSeconds, sample.throttledSeconds].reduce<number>((total, wait) => total + (perRequest(one, wait) ?? 0), 0);
  return Math.max(0, service - cpu - (mean(sample.store) ?? 0) - waits);
};

/** CPU facts are learned from warm pods; while none is warm, from all: a fleet that just started still has to be steered. */
const cpuFacts = (warm: readonly Believed[]) => ({
  cpuPerRequest: typical(warm, ({ sample }) => (sample.completions >= FEW_ANSWERS ? sample.cpuSeconds / sample.completions : null)),
  podRate: typical(warm, ({ sample }) => sample.completions / sample.seconds),
  podCores: typical(warm, ({ sample }) => sample.cpuSeconds / sample.seconds),
  processCores: typical(warm, processCores),
  limitShare: typical(warm, limitShare),
  throttled: typical(warm, throttledShare),
  loopLag: typical(warm, ({ sample }) => ratio(sample.loopLagSeconds ?? NaN, sample.seconds * sample.processes)),
  gilShare: typical(warm, ({ sample }) => ratio(sample.gilWaitSeconds ?? NaN, sample.gilProbeSeconds ?? NaN)),
  gilWaiting: typical(warm, ({ sample }) => ratio(sample.gilWaitingThreadSeconds ?? NaN, sample.seconds * sample.processes)),
  runqueueWait: typical(warm, (one) => perRequest(one, one.sample.runqueueWaitSeconds)),
  lockWait: typical(warm, (one) => perRequest(one, one.sample.lockWaitSeconds)),
  rest: typical(warm, unexplained),
});

const leastShare = (believed: readonly Believed[]): number | null => {
  const rates = believed.map(({ sample }) => sample.completions / sample.seconds);
  return ratio(rates.reduce((least, rate) => Math.min(least, rate), Infinity), median(rates) ?? 0);
};

/** The shortest of what a typical pod tells now and what was `known`: a readiness that was lost and came back looks like a slow start. */
const startSeconds = (pods: readonly PodWindow[], known: number | null): number | null => {
  const told = median(pods.map((pod) => ((pod.readyAt ?? NaN) - (pod.startedAt ?? NaN)) / 1000).filter((seconds) => isCount(seconds) && seconds < LONGEST_START_SECONDS));
  if (told === null) return known;
  // Both times are whole seconds.
  return Math.max(1, Math.min(told, known ?? told));
};

/** Evaluations in which a pod that has just become ready is scraped twice, which a first sample takes, with one to spare. */
const FIRST_SAMPLE = 3;

/**
 * A container that is too young to be heard from: missing, but no sign that measuring is broken. Were it counted, one pod
 * on its way would leave half of a fleet of two silent, and the law blind in the middle of a rise.
 */
const isStarting = (pod: PodWindow, spec: AutoscaleSpec, usualSeconds: number, now: number): boolean => {
  const patienceMs = Math.max(spec.warmUpMs, 2000 * usualSeconds) + FIRST_SAMPLE * spec.evaluation.periodMs;
  return pod.sample === null && pod.startedAt !== null && now - pod.startedAt < patienceMs;
};

/** True when all of a pod's window lies behind its warm-up: no CPU of its start is in it. */
const wasWarm = ({ pod, sample }: Believed, spec: AutoscaleSpec, now: number): boolean =>
  now - 1000 * (sample.ageSeconds + sample.seconds) >= (pod.startedAt ?? now) + spec.warmUpMs;

const sift = (running: readonly PodWindow[], spec: AutoscaleSpec, now: number) => {
  const staleSeconds = Math.max(3 * spec.evaluation.periodMs, spec.evaluation.windowMs) / 1000;
  const problems = new Map<Problem, number>();
  const count = (problem: Problem) => problems.set(problem, (problems.get(problem) ?? 0) + 1);
  let believed: Believed[] = [];
  for (const pod of running) {
    const problem = sampleProblem(pod, staleSeconds);
    if (problem !== null) count(problem);
    else if (pod.sample !== null) believed.push({ pod, sample: pod.sample });
  }
  const samples = (of: readonly Believed[]): PodSample[] => of.map(({ sample }) => sample);
  const liars = loadWithoutCpu(samples(believed), samples(believed.filter((one) => wasWarm(one, spec, now))));
  for (const _liar of liars) count('load without CPU');
  if (liars.size > 0) believed = believed.filter(({ sample }) => !liars.has(sample));
  return { believed, problems };
};

const kindOf = (believed: readonly Believed[]) => {
  const first = believed[0]?.sample;
  return {
    model: first?.model ?? 'threads',
    knob: first?.knob ?? 'threads',
    gil: first?.gil ?? 'none',
    queueVisible: believed.length > 0 && believed.every(({ sample }) => sample.queueVisible),
  };
};

/** A pod that answers has been ready, even where overload has taken its readiness away and nobody remembers since when. */
const hasBeenReady = ({ ready, readyAt, sample }: PodWindow): boolean => ready || readyAt !== null || (sample?.completions ?? 0) > 0;

/** Measures a fleet. Linear in the number of pods; every number in the answer is finite. `knownStart`: seconds to ready as learned so far. */
export const measure = (windows: FleetWindow, spec: AutoscaleSpec, now: number, knownStart: number | null): Facts => {
  const running = windows.pods.filter((pod) => pod.startedAt !== null);
  const { believed, problems } = sift(running, spec, now);
  const mature = believed.filter(({ pod }) => now - (pod.startedAt ?? now) >= spec.warmUpMs);
  const newest = mature.filter(({ pod }) => pod.templateHash === windows.templateHash);
  const warm = [newest, mature, believed].find((pods) => pods.length > 0) ?? believed;
  const seenStartSeconds = startSeconds(windows.pods, knownStart);
  const usualStart = seenStartSeconds ?? USUAL_START_SECONDS;
  const starting = running.filter((pod) => isStarting(pod, spec, usualStart, now)).length;
  return {
    now,
    pods: {
      running: running.length,
      reporting: believed.length,
      silent: running.length - believed.length,
      everReady: windows.pods.filter(hasBeenReady).length,
      surge: Math.max(0, windows.pods.length - windows.current.replicas),
    },
    coverage: ratio(believed.length, running.length - starting) ?? 0,
    problems,
    oldestSeconds: believed.length > 0 ? believed.reduce((oldest, { sample }) => Math.max(oldest, sample.ageSeconds), 0) : null,
    sampledAt: typical(believed, ({ sample }) => Math.max(0, Math.round(now - 1000 * sample.ageSeconds))),
    windowBegan: believed.reduce((began, { sample }) => Math.min(began, now - 1000 * (sample.ageSeconds + sample.seconds)), now),
    newestServesSince: running.reduce((since, { startedAt }) => Math.max(since, startedAt ?? 0), 0) + 1000 * usualStart,
    ...loads(believed),
    ...latencies(believed),
    ...cpuFacts(warm),
    ...sizes(believed),
    leastShare: leastShare(believed),
    isWarm: mature.length > 0,
    outliers: outliers(believed.filter((one) => wasWarm(one, spec, now))),
    coreLimit: typical(warm, ({ pod }) => pod.coreLimit),
    processes: typical(warm, ({ sample }) => sample.processes),
    ...kindOf(believed),
    seenStartSeconds,
    startSeconds: usualStart,
  };
};
