/**
 * The raw signals of a run, without any of the law's estimators: what thresholds are chosen from.
 *
 * @module
 */
import type { Histogram, PodSample } from '../../../src/core/autoscale/types.ts';
import type { Evaluation, Recording } from './recording.ts';

/** Times in milliseconds, per request unless said otherwise; CPU in cores. Null where the server does not report it. */
export interface Signals {
  readonly perSecond: number;
  readonly p95Ms: number | null;
  /** CPU of the busiest process, of the pod, and as a share of the limit. */
  readonly processCores: number | null;
  readonly podCores: number;
  readonly limitShare: number | null;
  readonly cpuMs: number;
  /** Share of its time that the probe waited for the interpreter. */
  readonly gilShare: number | null;
  /** Threads that wait for the interpreter: on average, as a share of the slots in use, and per request. */
  readonly gilThreads: number | null;
  readonly gilOfBusy: number | null;
  readonly gilMs: number | null;
  /** Wait for a core: per request, and seconds for each second of CPU. */
  readonly runqueueMs: number | null;
  readonly runqueuePerCpu: number | null;
  /** Seconds throttled per second by the cores of the limit, and the share of periods. */
  readonly throttled: number | null;
  readonly throttledPeriods: number | null;
  readonly loopLagMs: number | null;
  readonly storeMs: number | null;
  readonly store95Ms: number | null;
  readonly serviceMs: number | null;
  /** Service less CPU, store, interpreter wait and core wait: in ms, and as a share of the service. */
  readonly restMs: number | null;
  readonly restShare: number | null;
  /** Wait for declared locks, and as a share of the service. */
  readonly lockMs: number | null;
  readonly lockShare: number | null;
  readonly inUse: number | null;
  readonly queueMs: number | null;
  readonly backlog: number;
  readonly rejectedShare: number;
}

const count = ({ counts }: Histogram): number => counts.reduce((sum, value) => sum + value, 0);
const meanMs = (histogram: Histogram): number | null => (count(histogram) > 0 ? (1000 * histogram.sum) / count(histogram) : null);

/** Upper edge of the bucket that holds the quantile. */
const quantileMs = (histogram: Histogram, share: number): number | null => {
  const rank = share * count(histogram);
  let seen = 0;
  for (const [index, edge] of histogram.edges.entries()) {
    seen += histogram.counts[index] ?? 0;
    if (rank > 0 && seen >= rank) return 1000 * edge;
  }
  return null;
};

const over = (above: number | null, below: number | null): number | null => (above === null || below === null || !(below > 0) ? null : above / below);

const waits = (sample: PodSample) => {
  const perRequest = (seconds: number | null): number | null => over(seconds === null ? null : 1000 * seconds, sample.completions);
  const cpuMs = perRequest(sample.cpuSeconds) ?? Number.NaN;
  const [gilMs, runqueueMs, lockMs] = [perRequest(sample.gilWaitingThreadSeconds), perRequest(sample.runqueueWaitSeconds), perRequest(sample.lockWaitSeconds)];
  const [serviceMs, storeMs] = [meanMs(sample.service), meanMs(sample.store)];
  const restMs = serviceMs === null ? null : serviceMs - cpuMs - (storeMs ?? 0) - (gilMs ?? 0) - (runqueueMs ?? 0);
  return { cpuMs, gilMs, runqueueMs, lockMs, lockShare: over(lockMs, serviceMs), serviceMs, storeMs, restMs, restShare: over(restMs, serviceMs) };
};

const cpu = (sample: PodSample, coreLimit: number | null) => {
  const podCores = sample.cpuSeconds / sample.seconds;
  return {
    podCores,
    processCores: over(sample.busiestProcessCpuSeconds, sample.seconds),
    limitShare: over(podCores, coreLimit),
    runqueuePerCpu: over(sample.runqueueWaitSeconds, sample.cpuSeconds),
    throttled: over(sample.throttledSeconds, sample.seconds * Math.max(1, Math.ceil(coreLimit ?? 1))),
    throttledPeriods: over(sample.throttledPeriods, sample.cpuPeriods),
  };
};

/** Signals of one window of one pod. */
export const signalsOf = (sample: PodSample, coreLimit: number | null): Signals => {
  const busySeconds = sample.busyThreadSeconds ?? Math.max(0, sample.inflightSeconds - sample.queue.sum);
  return {
    perSecond: sample.completions / sample.seconds,
    p95Ms: quantileMs(sample.request, 0.95),
    ...cpu(sample, coreLimit),
    ...waits(sample),
    gilShare: over(sample.gilWaitSeconds, sample.gilProbeSeconds),
    gilThreads: over(sample.gilWaitingThreadSeconds, sample.seconds),
    gilOfBusy: over(sample.gilWaitingThreadSeconds, busySeconds),
    loopLagMs: over(sample.loopLagSeconds === null ? null : 1000 * sample.loopLagSeconds, sample.seconds),
    store95Ms: quantileMs(sample.store, 0.95),
    inUse: over(busySeconds, sample.seconds * sample.threads * sample.processes),
    queueMs: meanMs(sample.queue),
    backlog: sample.queueDepth,
    rejectedShare: over(sample.rejected, sample.arrivals) ?? 0,
  };
};

const ofEvaluation = ({ input }: Evaluation): Signals | undefined => {
  const pod = input.windows.pods[0];
  return pod?.sample == null ? undefined : signalsOf(pod.sample, pod.coreLimit);
};

export interface RunSignals {
  /** The last window before the cause, and the last with it. */
  readonly before: Signals | undefined;
  readonly during: Signals | undefined;
}

/** Of windows that lie in one phase as a whole. */
export const signalsOfRun = ({ evaluations }: Recording): RunSignals => {
  const last = (phase: Evaluation['phase']): Signals | undefined => {
    const evaluation = evaluations.findLast((one) => one.phase === phase);
    return evaluation === undefined ? undefined : ofEvaluation(evaluation);
  };
  return { before: last('before'), during: last('during') };
};
