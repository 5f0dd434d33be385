/**
 * What one serving process has counted since it started, and how the pod adds it up.
 *
 * @module
 */
import { addHistogram, emptyHistogram } from './histogram.ts';
import type { HistogramData } from './histogram.ts';

export const histogramNames = ['request', 'queue', 'service', 'store'] as const;
export type HistogramName = (typeof histogramNames)[number];

/** Counters only: they may be added up, and stay when a process is gone. */
export interface Totals {
  arrivals: number;
  /** By status class: `2xx`, `4xx`, `5xx`, or `aborted` when the client had gone. */
  requests: Record<string, number>;
  rejected: Record<string, number>;
  overObjective: number;
  busySeconds: number;
  inflightSeconds: number;
  loopLagSeconds: number;
  cpuSeconds: number;
  histograms: Record<HistogramName, HistogramData>;
}

/** A process's report: counters, and what is true at this moment. */
export interface Snapshot extends Totals {
  inflight: number;
  queueDepth: number;
  storeReached: boolean;
  storeProblem: string | undefined;
}

/** All zero. */
export function emptyTotals(objectiveMs: number): Totals {
  const histogram = (): HistogramData => emptyHistogram(objectiveMs);
  return {
    arrivals: 0,
    requests: {},
    rejected: {},
    overObjective: 0,
    busySeconds: 0,
    inflightSeconds: 0,
    loopLagSeconds: 0,
    cpuSeconds: 0,
    histograms: { request: histogram(), queue: histogram(), service: histogram(), store: histogram() },
  };
}

/** The sum of both, histograms at the objective of `a`. */
export function addTotals(a: Totals, b: Totals): Totals {
  const histogram = (name: HistogramName): HistogramData => addHistogram(a.histograms[name], b.histograms[name]);
  return {
    arrivals: a.arrivals + b.arrivals,
    requests: addLabels(a.requests, b.requests),
    rejected: addLabels(a.rejected, b.rejected),
    overObjective: a.overObjective + b.overObjective,
    busySeconds: a.busySeconds + b.busySeconds,
    inflightSeconds: a.inflightSeconds + b.inflightSeconds,
    loopLagSeconds: a.loopLagSeconds + b.loopLagSeconds,
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    histograms: { request: histogram('request'), queue: histogram('queue'), service: histogram('service'), store: histogram('store') },
  };
}

function addLabels(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const sum = { ...a };
  for (const [label, count] of Object.entries(b)) sum[label] = (sum[label] ?? 0) + count;
  return sum;
}
