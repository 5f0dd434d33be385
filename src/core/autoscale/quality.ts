/**
 * Which pods can be believed: their numbers have to be possible, fresh, and consistent with one another.
 *
 * @module
 */
import { isHistogram, observations, quantile } from './histogram.ts';
import { MOST_BACKGROUND } from './learn.ts';
import { isCount, median } from './numbers.ts';
import type { Histogram, PodSample, PodWindow } from './types.ts';

/** Little's law has to hold within this share. */
const LITTLE = 0.2;
/** Fewer requests inside than this, on average, are too few for the law to say anything. */
const LITTLE_FROM = 0.05;
/** A pod that claims so many times the others' load has to show the CPU for it. */
const OUTLIER = 10;
/** Requests per second and cores that no pod reaches. */
const ABSURD_RATE = 1e6;
const ABSURD_CORES = 1024;

/** Why a sample is not used, in words for the evidence. */
export type Problem = 'silent' | 'stale' | 'impossible numbers' | "contradicts Little's law" | 'load without CPU';

const countsOf = (sample: PodSample): number[] => [
  sample.seconds,
  sample.ageSeconds,
  sample.threads,
  sample.processes,
  sample.arrivals,
  sample.completions,
  sample.rejected,
  sample.serverErrors,
  sample.inflightSeconds,
  sample.inflight,
  sample.queueDepth,
  sample.cpuSeconds,
];

const mostCores = (sample: PodSample, coreLimit: number | null): number => {
  if (coreLimit !== null) return 2 * coreLimit + 1;
  return sample.gil === 'on' || sample.model !== 'threads' ? 2 * sample.processes + 2 : ABSURD_CORES;
};

/** No request takes longer than an hour: one absurd sum would otherwise be remembered, and memory that holds it be thrown away. */
const LONGEST_SECONDS = 3600;
const isPlausible = (histogram: Histogram): boolean => histogram.sum <= LONGEST_SECONDS * observations(histogram) && (histogram.edges.at(-1) ?? 0) <= LONGEST_SECONDS;

const isPossible = (sample: PodSample, coreLimit: number | null): boolean =>
  countsOf(sample).every(isCount) &&
  sample.seconds > 0 &&
  sample.threads >= 1 &&
  sample.processes >= 1 &&
  Math.max(sample.arrivals, sample.completions) <= ABSURD_RATE * sample.seconds &&
  sample.cpuSeconds <= mostCores(sample, coreLimit) * sample.seconds + 1 &&
  [sample.request, sample.queue, sample.service, sample.store].every((histogram) => isHistogram(histogram) && isPlausible(histogram));

/**
 * Little's law over the window: time spent inside, measured as an integral, equals the sum of the response times. While a
 * queue grows the integral holds time of requests that have not been answered yet, while it drains the response
 * times hold time from before the window: both are allowed for, else every overload would look like a contradiction.
 * Answers without a response time (clients that went away) may have taken no time at all or as long as the others.
 */
export const obeysLittle = (sample: PodSample): boolean => {
  const answered = observations(sample.request);
  if (answered === 0 || sample.inflightSeconds < LITTLE_FROM * sample.seconds) return true;
  const timed = sample.request.sum;
  const all = timed * Math.max(1, sample.completions / answered);
  const before = Math.max(0, sample.inflight - sample.arrivals + sample.rejected + sample.completions);
  const slowest = quantile(sample.request, 0.99) ?? 0;
  const atMost = all * (1 + LITTLE) + sample.inflight * sample.seconds;
  const atLeast = timed * (1 - LITTLE) - before * slowest;
  return sample.inflightSeconds <= atMost && sample.inflightSeconds >= atLeast;
};

/** What is wrong with one pod's sample by itself; null when nothing is. `staleSeconds` is the age that still counts. */
export const sampleProblem = (pod: PodWindow, staleSeconds: number): Problem | null => {
  const { sample } = pod;
  if (sample === null) return 'silent';
  if (!isPossible(sample, pod.coreLimit)) return 'impossible numbers';
  if (sample.ageSeconds > staleSeconds) return 'stale';
  return obeysLittle(sample) ? null : "contradicts Little's law";
};

const rateOf = (sample: PodSample): number => Math.max(sample.arrivals, sample.completions + sample.rejected) / sample.seconds;

/**
 * Pods whose load is ten times the others' and whose CPU does not go with it. Compared with the median of the `warm` ones, so
 * that one of them cannot move it; a fleet of one has nothing to compare with. A pod that just started uses its CPU for
 * starting, and an idle one for its background work: measured by either, every busy pod would look like a liar.
 */
export const loadWithoutCpu = (samples: readonly PodSample[], warm: readonly PodSample[]): Set<PodSample> => {
  const liars = new Set<PodSample>();
  if (warm.length < 2) return liars;
  const rates = warm.map(rateOf).sort((a, b) => a - b);
  const typical = rates[Math.floor((rates.length - 1) / 2)] ?? 0;
  const cost = median(warm.filter((sample) => rateOf(sample) <= OUTLIER * typical && sample.completions > 0).map(costOf));
  if (typical <= 0 || cost === null) return liars;
  for (const sample of samples) {
    if (rateOf(sample) > OUTLIER * typical && sample.cpuSeconds < 0.2 * cost * rateOf(sample) * sample.seconds) liars.add(sample);
  }
  return liars;
};

const costOf = (sample: PodSample): number => Math.max(0, sample.cpuSeconds - MOST_BACKGROUND * sample.seconds) / sample.completions;
