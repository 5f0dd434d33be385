/**
 * What is known of a template's requests: CPU, store time and rest of one request, learned across windows. A deploy starts anew.
 *
 * @module
 */
import { isPoolFull, isPoolFullNow } from './full-pool.ts';
import { isCount, significant, smooth } from './numbers.ts';
import type { Facts } from './measure.ts';
import type { Learned } from './memory.ts';

/** Below this share of the busiest process waiting for the CPU hardly inflates any other time. */
const LOW_LOAD = 0.5;
const POINTS = 12;
/** Background work (garbage collection, probes, scrapes) is believed to use up to this many cores of a pod. */
export const MOST_BACKGROUND = 0.1;
const WEIGHT = 0.3;

type Point = [rate: number, cores: number];

const leastSquares = (points: readonly Point[]): number | null => {
  const n = points.length;
  const meanX = points.reduce((total, [x]) => total + x, 0) / n;
  const meanY = points.reduce((total, [, y]) => total + y, 0) / n;
  const varX = points.reduce((total, [x]) => total + (x - meanX) ** 2, 0);
  const covariance = points.reduce((total, [x, y]) => total + (x - meanX) * (y - meanY), 0);
  return varX > (0.15 * meanX) ** 2 * n ? covariance / varX : null;
};

/**
 * CPU seconds of one request: the slope of a pod's CPU over its rate across windows, so that background work is not
 * charged to requests. The slope is noisy where the rate hardly moves, so it may differ from plain division by no more than
 * a tenth of a core of background work explains. At a high rate both agree.
 */
export const cpuPerRequest = (facts: Facts, points: readonly Point[]): number | null => {
  const plain = facts.cpuPerRequest;
  if (plain === null || facts.podRate === null || facts.podRate <= 0) return plain;
  const slope = points.length >= 6 ? leastSquares(points) : null;
  if (slope === null) return plain;
  return Math.min(plain, Math.max(slope, plain - MOST_BACKGROUND / facts.podRate, plain / 2));
};

const withPoint = (learned: Learned, facts: Facts): Point[] =>
  isCount(facts.podRate) && isCount(facts.podCores) && facts.podRate > 0
    ? [...learned.points, [significant(facts.podRate), significant(facts.podCores)] satisfies Point].slice(-POINTS)
    : learned.points;

/** True while the store and service times of this window say what they would say without waiting for a CPU. */
export const isLowLoad = (facts: Facts): boolean =>
  (facts.processCores ?? 0) < LOW_LOAD && (facts.limitShare ?? 0) < LOW_LOAD && (facts.throttled ?? 0) < 0.05;

/** A wait that stays longer becomes the usual one after some ten minutes; a shorter one at once. */
const calm = (old: number | null, seconds: number): number => significant(smooth(old, seconds, seconds < (old ?? seconds) ? WEIGHT : WEIGHT / 30));

const learnTimes = (learned: Learned, facts: Facts, cpu: number): Partial<Learned> => {
  // A full pool may wait for a store that is full itself: its time is then a queue and not a distance. That it fills just now is enough.
  if (!isLowLoad(facts) || isPoolFull(facts) || isPoolFullNow(facts) || facts.service === null) return {};
  const store = facts.store ?? 0;
  const update = (old: number | null, value: number) => significant(smooth(old, Math.max(0, value), WEIGHT));
  return {
    store: facts.store === null ? learned.store : update(learned.store, store),
    store95: facts.store95 === null ? learned.store95 : update(learned.store95, facts.store95),
    service95: facts.service95 === null ? learned.service95 : update(learned.service95, facts.service95 - (facts.store95 ?? 0)),
    calmStore: facts.store === null ? learned.calmStore : calm(learned.calmStore, facts.store),
    rest: update(learned.rest, facts.service - store - cpu),
    calmRest: facts.rest === null ? learned.calmRest : calm(learned.calmRest, facts.rest),
  };
};

/** Adds one window to what is known: nothing of one without requests, and no times of one in which requests are proven to queue inside. */
export const learn = (learned: Learned, facts: Facts, isWaitProven = false): Learned => {
  const points = withPoint(learned, facts);
  const cpu = cpuPerRequest(facts, points);
  if (cpu === null) return learned;
  return { ...learned, ...(isWaitProven ? {} : learnTimes(learned, facts, cpu)), points, cpu: significant(cpu) };
};
