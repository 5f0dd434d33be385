/**
 * A latency histogram whose one movable edge follows the objective.
 *
 * @module
 */
import { edgesFor } from './edges.ts';

/** A histogram as it travels between processes: counts for each bucket, the last one open. */
export interface HistogramData {
  objectiveMs: number;
  counts: number[];
  sum: number;
}

/** An empty histogram. */
export function emptyHistogram(objectiveMs: number): HistogramData {
  return { objectiveMs, counts: Array<number>(edgesFor(objectiveMs).length + 1).fill(0), sum: 0 };
}

export class Histogram {
  private data: HistogramData;
  private edges: number[];

  constructor(objectiveMs: number) {
    this.data = emptyHistogram(objectiveMs);
    this.edges = edgesFor(objectiveMs);
  }

  observe(seconds: number): void {
    let low = 0;
    let high = this.edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seconds <= (this.edges[middle] ?? Infinity)) high = middle;
      else low = middle + 1;
    }
    this.data.counts[low] = (this.data.counts[low] ?? 0) + 1;
    this.data.sum += seconds;
  }

  setObjective(objectiveMs: number): void {
    this.data = rebin(this.data, objectiveMs);
    this.edges = edgesFor(objectiveMs);
  }

  read(): HistogramData {
    return { ...this.data, counts: [...this.data.counts] };
  }
}

/**
 * Moves the objective's edge. The fixed edges keep their counts, so nothing falls; what the split bucket held is divided
 * by interpolation, which only matters for the time before the change.
 */
export function rebin(data: HistogramData, objectiveMs: number): HistogramData {
  if (data.objectiveMs === objectiveMs) return data;
  const oldEdges = edgesFor(data.objectiveMs);
  const newEdges = edgesFor(objectiveMs);
  const below = newEdges.map((edge) => countBelow(data.counts, oldEdges, edge));
  const total = data.counts.reduce((sum, count) => sum + count, 0);
  const counts = [...below, total].map((count, index) => count - (below[index - 1] ?? 0));
  return { objectiveMs, counts, sum: data.sum };
}

function countBelow(counts: readonly number[], edges: readonly number[], edge: number): number {
  let sum = 0;
  for (const [index, upper] of edges.entries()) {
    const count = counts[index] ?? 0;
    if (upper <= edge) {
      sum += count;
      continue;
    }
    const lower = edges[index - 1] ?? 0;
    return lower >= edge ? sum : sum + Math.round((count * (edge - lower)) / (upper - lower));
  }
  return sum;
}

/** Adds `more` to `into`, at the objective of `into`. */
export function addHistogram(into: HistogramData, more: HistogramData): HistogramData {
  const same = rebin(more, into.objectiveMs);
  return { ...into, counts: into.counts.map((count, index) => count + (same.counts[index] ?? 0)), sum: into.sum + same.sum };
}
