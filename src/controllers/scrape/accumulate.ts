/**
 * Counters that never fall, made of counters that begin anew when a process restarts.
 *
 * @module
 */
import type { Page, PageHistogram } from './page.ts';
import { counterNames, histogramNames } from './page-names.ts';
import type { CounterName, HistogramName, LabelledName } from './page-names.ts';

/** Cumulative histogram on fixed edges: `values` holds the count at or below each edge, then the total, then the sum. */
export interface GrownHistogram {
  edges: readonly number[];
  values: Float64Array;
}

/** One scrape with resets taken out: differences between two of them are what happened in between. */
export interface Snapshot {
  /** Monotonic milliseconds at which the page was read. */
  at: number;
  /** In the order of `counterNames`; NaN where the page had none or nonsense. */
  counters: Float64Array;
  labelled: ReadonlyMap<LabelledName, ReadonlyMap<string, number>>;
  histograms: ReadonlyMap<HistogramName, GrownHistogram>;
  page: Pick<Page, 'gauges' | 'info'>;
  /** Rises when the edges of a histogram change: before and after cannot be subtracted. */
  layout: number;
}

interface Series {
  raw: number;
  offset: number;
}

/** A value lower than the last means that the counter began anew: what it had reached is kept as an offset. */
const grow = (series: Series, raw: number): number => {
  if (Number.isNaN(raw)) return NaN;
  if (raw < series.raw) series.offset += series.raw;
  series.raw = raw;
  return raw + series.offset;
};

/** Number of edges without the infinite one. */
const finiteEdges = ({ edges }: PageHistogram): number => (edges.at(-1) === Infinity ? edges.length - 1 : edges.length);

/** Counts at the edges, then the total, then the sum. A histogram without `+Inf` has no total: NaN, for the law to reject. */
const valuesOf = (histogram: PageHistogram): Float64Array => {
  const { counts, sum } = histogram;
  const finite = finiteEdges(histogram);
  const values = new Float64Array(finite + 2);
  for (let index = 0; index < finite; index += 1) values[index] = counts[index] ?? NaN;
  values[finite] = counts[finite] ?? NaN;
  values[finite + 1] = sum;
  return values;
};

const hasEdges = (known: readonly number[], histogram: PageHistogram): boolean => {
  if (known.length !== finiteEdges(histogram)) return false;
  for (let index = 0; index < known.length; index += 1) if (known[index] !== histogram.edges[index]) return false;
  return true;
};

interface HistogramSeries {
  edges: readonly number[];
  raw: Float64Array;
  /** Null until the first reset. */
  offset: Float64Array | null;
}

const hasFallen = (before: Float64Array, after: Float64Array): boolean => {
  for (let index = 0; index < after.length; index += 1) if ((after[index] ?? 0) < (before[index] ?? 0)) return true;
  return false;
};

const plus = (a: Float64Array, b: Float64Array): Float64Array => {
  const sum = new Float64Array(a.length);
  for (let index = 0; index < a.length; index += 1) sum[index] = (a[index] ?? NaN) + (b[index] ?? 0);
  return sum;
};

/** The counters of one pod through the restarts of its processes. Each series is watched by itself. */
export class Accumulator {
  readonly #counters = new Map<CounterName, Series>();
  readonly #labelled = new Map<string, Series>();
  readonly #histograms = new Map<HistogramName, HistogramSeries>();
  #layout = 0;

  /** Adds one page, read at monotonic time `at` in milliseconds. */
  add(page: Page, at: number): Snapshot {
    const counters = new Float64Array(counterNames.length).fill(NaN);
    for (const [index, name] of counterNames.entries()) {
      const raw = page.counters.get(name);
      if (raw !== undefined) counters[index] = grow(seriesIn(this.#counters, name), raw);
    }
    const histograms = this.#growHistograms(page);
    return { at, counters, labelled: this.#growLabelled(page), histograms, page: { gauges: page.gauges, info: page.info }, layout: this.#layout };
  }

  #growLabelled(page: Page): Map<LabelledName, Map<string, number>> {
    const grown = new Map<LabelledName, Map<string, number>>();
    for (const [name, family] of page.labelled) {
      const values = new Map<string, number>();
      for (const [label, raw] of family) values.set(label, grow(seriesIn(this.#labelled, `${name} ${label}`), raw));
      grown.set(name, values);
    }
    return grown;
  }

  #growHistograms(page: Page): Map<HistogramName, GrownHistogram> {
    const grown = new Map<HistogramName, GrownHistogram>();
    for (const name of histogramNames) {
      const histogram = page.histograms.get(name);
      if (histogram !== undefined) grown.set(name, this.#growHistogram(name, histogram));
    }
    return grown;
  }

  #growHistogram(name: HistogramName, histogram: PageHistogram): GrownHistogram {
    const last = this.#histograms.get(name);
    const raw = valuesOf(histogram);
    if (last === undefined || !hasEdges(last.edges, histogram)) {
      if (last !== undefined) this.#layout += 1;
      const edges = histogram.edges.slice(0, finiteEdges(histogram));
      this.#histograms.set(name, { edges, raw, offset: null });
      return { edges, values: raw };
    }
    // Its buckets restart together: one that fell tells it of all, and of the sum.
    if (hasFallen(last.raw, raw)) {
      last.offset = plus(last.offset ?? new Float64Array(raw.length), last.raw);
    }
    last.raw = raw;
    return { edges: last.edges, values: last.offset === null ? raw : plus(raw, last.offset) };
  }
}

const seriesIn = <Key>(map: Map<Key, Series>, key: Key): Series => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const fresh: Series = { raw: 0, offset: 0 };
  map.set(key, fresh);
  return fresh;
};
