/**
 * Which metrics of a pod's page are read, and where their values go.
 *
 * @module
 */
import { poolMetrics } from '../../api/protocol.ts';

/** Counters without a label that matters: one number each, summed over whatever labels there are. */
export const counterNames = [
  'arrivals',
  'busyThreadSeconds',
  'inflightSeconds',
  'gilWaitSeconds',
  'gilProbeSeconds',
  'gilWaitingThreadSeconds',
  'runqueueWaitSeconds',
  'loopLagSeconds',
  'cpuSeconds',
  'cpuPeriods',
  'cpuThrottledPeriods',
  'cpuThrottledSeconds',
] as const;
export type CounterName = (typeof counterNames)[number];

/** Counters by one label. */
export const labelledNames = { requests: 'code', rejected: 'reason', lockWaitSeconds: 'lock', processCpuSeconds: 'process' } as const;
export type LabelledName = keyof typeof labelledNames;

export const gaugeNames = ['threads', 'processes', 'generation', 'inflight', 'queueDepth'] as const;
export type GaugeName = (typeof gaugeNames)[number];

export const histogramNames = ['requestSeconds', 'queueSeconds', 'serviceSeconds', 'storeSeconds'] as const;
export type HistogramName = (typeof histogramNames)[number];

export type Destination =
  | { kind: 'counter'; name: CounterName }
  | { kind: 'labelled'; name: LabelledName; label: string }
  | { kind: 'gauge'; name: GaugeName }
  | { kind: 'bucket' | 'sum'; name: HistogramName }
  | { kind: 'info' };

const entries = (): [string, Destination][] => [
  ...counterNames.map((name): [string, Destination] => [poolMetrics[name], { kind: 'counter', name }]),
  ...gaugeNames.map((name): [string, Destination] => [poolMetrics[name], { kind: 'gauge', name }]),
  [poolMetrics.requests, { kind: 'labelled', name: 'requests', label: labelledNames.requests }],
  [poolMetrics.rejected, { kind: 'labelled', name: 'rejected', label: labelledNames.rejected }],
  [poolMetrics.lockWaitSeconds, { kind: 'labelled', name: 'lockWaitSeconds', label: labelledNames.lockWaitSeconds }],
  [poolMetrics.processCpuSeconds, { kind: 'labelled', name: 'processCpuSeconds', label: labelledNames.processCpuSeconds }],
  ...histogramNames.flatMap((name): [string, Destination][] => [
    [`${poolMetrics[name]}_bucket`, { kind: 'bucket', name }],
    [`${poolMetrics[name]}_sum`, { kind: 'sum', name }],
  ]),
  [poolMetrics.info, { kind: 'info' }],
];

/** Metric name on the page → where its value goes. Every other line is skipped. */
export const destinations: ReadonlyMap<string, Destination> = new Map(entries());

/** First characters of the names that are read: nearly all other lines are skipped by looking at one character. */
export const firstCharacters: ReadonlySet<number> = new Set([...destinations.keys()].map((name) => name.charCodeAt(0)));
