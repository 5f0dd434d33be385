/**
 * One scrape, and what lies between two of them.
 *
 * @module
 */
import { poolMetrics } from '../../api/protocol.ts';
import { readExposition } from './exposition.ts';
import type { Exposition, Sample } from './exposition.ts';

export type HistogramName = 'requestSeconds' | 'queueSeconds' | 'serviceSeconds' | 'storeSeconds';
export const histogramNames: readonly HistogramName[] = ['requestSeconds', 'queueSeconds', 'serviceSeconds', 'storeSeconds'];

/** Cumulative counts at ascending upper edges in seconds, the last `Infinity`. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
  /** NaN where the page has none. */
  readonly count: number;
}

export class MetricsPage {
  readonly exposition: Exposition;
  /** When it was read, ms. */
  readonly atMs: number;
  readonly #byName = new Map<string, Sample[]>();

  constructor(text: string, atMs: number) {
    this.exposition = readExposition(text);
    this.atMs = atMs;
    for (const sample of this.exposition.samples) this.#byName.set(sample.name, [...(this.#byName.get(sample.name) ?? []), sample]);
  }

  series(name: string): readonly Sample[] {
    return this.#byName.get(name) ?? [];
  }

  /** Sum over all series of a name; NaN when there is none. */
  value(name: string): number {
    const samples = this.series(name);
    return samples.length === 0 ? NaN : samples.reduce((sum, { value }) => sum + value, 0);
  }

  /** Sum over the series with these values of a label; 0 when there is none: what has not happened need not be shown. */
  labelled(name: string, label: string, values?: readonly string[]): number {
    const chosen = this.series(name).filter(({ labels }) => values === undefined || values.includes(labels.get(label) ?? ''));
    return chosen.reduce((sum, { value }) => sum + value, 0);
  }

  histogram(name: HistogramName): Histogram | undefined {
    const metric = poolMetrics[name];
    const buckets = this.series(`${metric}_bucket`).map(({ labels, value }) => ({ edge: edgeOf(labels.get('le') ?? ''), value }));
    if (buckets.length === 0) return undefined;
    buckets.sort((left, right) => left.edge - right.edge);
    return { edges: buckets.map(({ edge }) => edge), counts: buckets.map(({ value }) => value), sum: this.value(`${metric}_sum`), count: this.value(`${metric}_count`) };
  }

  /** Series that must never fall, by key. A bucket may leave the page, when the objective and its edge move. */
  counters(): readonly Sample[] {
    return this.exposition.samples.filter(({ name }) => {
      const type = this.exposition.types.get(name) ?? this.exposition.types.get(name.replace(/_(?:bucket|sum|count)$/u, ''));
      return isOfProtocol(name) && (type === 'counter' || type === 'histogram');
    });
  }
}

const protocolNames = new Set<string>(Object.values(poolMetrics));
const isOfProtocol = (name: string): boolean => protocolNames.has(name) || protocolNames.has(name.replace(/_(?:bucket|sum|count)$/u, ''));

const edgeOf = (text: string): number => (text === '+Inf' ? Infinity : Number(text));

/** What happened between two scrapes. */
export class Between {
  readonly #before: MetricsPage;
  readonly #after: MetricsPage;

  constructor(before: MetricsPage, after: MetricsPage) {
    this.#before = before;
    this.#after = after;
  }

  get seconds(): number {
    return (this.#after.atMs - this.#before.atMs) / 1000;
  }

  value(name: string): number {
    return this.#after.value(name) - this.#before.value(name);
  }

  labelled(name: string, label: string, values?: readonly string[]): number {
    return this.#after.labelled(name, label, values) - this.#before.labelled(name, label, values);
  }

  /** Answered requests, the aborted ones left out. */
  answered(): number {
    return this.labelled(poolMetrics.requests, 'code') - this.labelled(poolMetrics.requests, 'code', ['aborted']);
  }

  /** NaN where one of the pages lacks it, or has it with other edges. */
  histogram(name: HistogramName): Histogram {
    const before = this.#before.histogram(name);
    const after = this.#after.histogram(name);
    if (before === undefined || after === undefined || String(before.edges) !== String(after.edges)) return { edges: [], counts: [], sum: NaN, count: NaN };
    const counts = after.counts.map((count, index) => count - (before.counts[index] ?? 0));
    return { edges: after.edges, counts, sum: after.sum - before.sum, count: after.count - before.count };
  }
}

/**
 * A quantile, in seconds, by linear interpolation within the bucket as Prometheus' `histogram_quantile` does it; NaN when nothing was observed.
 *
 * @param share between 0 and 1
 */
export const quantile = ({ edges, counts }: Histogram, share: number): number => {
  const rank = share * (counts.at(-1) ?? 0);
  const index = counts.findIndex((count) => count >= rank && count > 0);
  const lower = edges[index - 1] ?? 0;
  const upper = edges[index];
  if (upper === undefined) return NaN;
  if (upper === Infinity) return lower;
  const below = counts[index - 1] ?? 0;
  return lower + ((upper - lower) * (rank - below)) / ((counts[index] ?? 0) - below);
};

/**
 * The same quantile as a histogram with these edges would show it, so that two sides are compared at one resolution: where most answers
 * took about as long, interpolation in a bucket a quarter wide is off by more than a tenth, and that is nobody's lie.
 *
 * @param sortedSeconds ascending
 */
export const quantileThrough = (edges: readonly number[], sortedSeconds: readonly number[], share: number): number => {
  const counts = edges.map((edge) => {
    const above = sortedSeconds.findIndex((seconds) => seconds > edge);
    return above === -1 ? sortedSeconds.length : above;
  });
  return quantile({ edges, counts, sum: NaN, count: sortedSeconds.length }, share);
};
