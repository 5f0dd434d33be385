/**
 * Histograms of many pods as one. Buckets are merged, quantiles never: the mean of p95s is no p95.
 *
 * @module
 */
import { isCount } from './numbers.ts';
import type { Histogram } from './types.ts';

/** More edges than any server of the protocol needs; a page with more is not believed. */
const MAX_EDGES = 256;
/** Groups of equal edges that take part in the common edges; the smaller ones are spread over them. */
const MAX_GROUPS = 4;

export const emptyHistogram: Histogram = { edges: [], counts: [0], sum: 0 };

const ascending = (edges: readonly number[]): boolean => {
  let last = -Infinity;
  for (const edge of edges) {
    if (!Number.isFinite(edge) || edge <= last) return false;
    last = edge;
  }
  return true;
};

/** True when edges ascend and counts fit them; anything else counts as not reported. */
export const isHistogram = (histogram: Histogram): boolean =>
  histogram.edges.length <= MAX_EDGES &&
  histogram.counts.length === histogram.edges.length + 1 &&
  isCount(histogram.sum) &&
  histogram.counts.every(isCount) &&
  ascending(histogram.edges);

/** Number of observations. */
export const observations = (histogram: Histogram): number => histogram.counts.reduce((total, count) => total + count, 0);

/** Mean, seconds; null when nothing was observed. */
export const mean = (histogram: Histogram): number | null => {
  const count = observations(histogram);
  return count > 0 ? histogram.sum / count : null;
};

/**
 * Observations at or below `edge`, linear inside a bucket. What lies above the last edge is nowhere below anything:
 * it has no upper bound to interpolate to.
 */
const below = (histogram: Histogram, edge: number): number => {
  let total = 0;
  let from = 0;
  for (const [index, to] of histogram.edges.entries()) {
    const count = histogram.counts[index] ?? 0;
    if (to > edge) return total + (edge > from ? count * ((edge - from) / (to - from)) : 0);
    total += count;
    from = to;
  }
  return total;
};

const onEdges = (histogram: Histogram, edges: readonly number[]): number[] => {
  let last = 0;
  const counts = edges.map((edge) => {
    const reached = below(histogram, edge);
    const count = reached - last;
    last = reached;
    return count;
  });
  return [...counts, observations(histogram) - last];
};

const addTo = (target: number[], counts: readonly number[]): void => {
  for (const [index, count] of counts.entries()) target[index] = (target[index] ?? 0) + count;
};

const sameEdges = (a: readonly number[], b: readonly number[]): boolean =>
  a === b || (a.length === b.length && a.every((edge, index) => edge === b[index]));

const groupByEdges = (histograms: readonly Histogram[]): Histogram[] => {
  const groups: Histogram[] = [];
  for (const histogram of histograms) {
    const group = groups.slice(0, 4 * MAX_GROUPS).find((other) => sameEdges(other.edges, histogram.edges));
    if (group === undefined) groups.push({ edges: histogram.edges, counts: [...histogram.counts], sum: histogram.sum });
    else {
      addTo(group.counts, histogram.counts);
      group.sum += histogram.sum;
    }
  }
  return groups;
};

/**
 * Sum of histograms, bucket by bucket. Pods that were told another objective have one other edge: the sum then has the
 * edges of both, and a bucket that spans several of them is spread evenly. Linear in the number of pods.
 */
export const mergeHistograms = (histograms: readonly Histogram[]): Histogram => {
  const groups = groupByEdges(histograms.filter((histogram) => histogram.edges.length > 0));
  const [only] = groups;
  if (only === undefined) return emptyHistogram;
  if (groups.length === 1) return only;
  const largest = groups.toSorted((a, b) => observations(b) - observations(a)).slice(0, MAX_GROUPS);
  const edges = [...new Set(largest.flatMap((group) => group.edges))].sort((a, b) => a - b);
  const counts: number[] = Array.from({ length: edges.length + 1 }, () => 0);
  let sum = 0;
  for (const group of groups) {
    addTo(counts, onEdges(group, edges));
    sum += group.sum;
  }
  return { edges, counts, sum };
};

/**
 * Quantile in seconds, linear inside a bucket; null without observations. Above the last edge the last edge is
 * returned: a lower bound, and far over any objective there.
 */
export const quantile = (histogram: Histogram, share: number): number | null => {
  const total = observations(histogram);
  if (total <= 0) return null;
  const rank = share * total;
  let seen = 0;
  let from = 0;
  for (const [index, to] of histogram.edges.entries()) {
    const count = histogram.counts[index] ?? 0;
    if (count > 0 && seen + count >= rank) return from + (to - from) * ((rank - seen) / count);
    seen += count;
    from = to;
  }
  return from;
};
