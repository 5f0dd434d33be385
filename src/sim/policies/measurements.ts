/**
 * What monitoring tools make of scraped pods, as the peers' documents describe it. Shares nothing with the law's estimators.
 *
 * @module
 */
import type { FleetWindow, Histogram, PodSample } from '../../core/autoscale/types.ts';

const samplesOf = (window: FleetWindow): PodSample[] => window.pods.map(({ sample }) => sample).filter((sample) => sample !== null);

/** Answered requests per second, summed over the pods that were scraped; null when none was. */
export const requestsPerSecond = (window: FleetWindow): number | null => {
  const samples = samplesOf(window);
  return samples.length === 0 ? null : samples.reduce((sum, { arrivals, seconds }) => sum + arrivals / seconds, 0);
};

/** Mean number of requests inside a pod, queue included, of those that were scraped; null when none was. */
export const concurrencyPerPod = (window: FleetWindow): number | null => {
  const samples = samplesOf(window);
  return samples.length === 0 ? null : samples.reduce((sum, { inflightSeconds, seconds }) => sum + inflightSeconds / seconds, 0) / samples.length;
};

/**
 * Quantile as Prometheus takes it from classic buckets: linear inside a bucket, the highest finite edge for what lies above it.
 * Seconds; null without observations.
 */
export const bucketQuantile = (histograms: readonly Histogram[], share: number): number | null => {
  const edges = histograms[0]?.edges ?? [];
  const counts = Array.from({ length: edges.length + 1 }, (_, index) => histograms.reduce((sum, histogram) => sum + (histogram.counts[index] ?? 0), 0));
  const rank = share * counts.reduce((sum, count) => sum + count, 0);
  if (rank === 0) return null;
  let seen = 0;
  for (const [index, edge] of edges.entries()) {
    const count = counts[index] ?? 0;
    const low = index === 0 ? 0 : (edges[index - 1] ?? 0);
    if (seen + count >= rank) return low + (edge - low) * ((rank - seen) / count);
    seen += count;
  }
  return edges.at(-1) ?? null;
};

/** 95th percentile of the response time, milliseconds; null without answers. */
export const p95Ms = (window: FleetWindow): number | null => {
  const seconds = bucketQuantile(samplesOf(window).map(({ request }) => request), 0.95);
  return seconds === null ? null : 1000 * seconds;
};
