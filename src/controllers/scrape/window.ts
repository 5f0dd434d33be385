/**
 * What a pod did between two scrapes, in the terms of the control law.
 *
 * @module
 */
import { emptyHistogram } from '../../core/autoscale/histogram.ts';
import type { Histogram, PodSample } from '../../core/autoscale/types.ts';
import type { Snapshot } from './accumulate.ts';
import { counterNames } from './page-names.ts';
import type { CounterName, GaugeName, HistogramName, LabelledName } from './page-names.ts';

type Amounts = Record<CounterName, number | null>;

/** Null when either page lacks the counter; NaN when one holds nonsense is indistinguishable from that, and as useless. */
const amountsOf = (from: Snapshot, to: Snapshot): Amounts => {
  const amount = (name: CounterName): number | null => {
    const index = counterNames.indexOf(name);
    const difference = (to.counters[index] ?? NaN) - (from.counters[index] ?? NaN);
    return Number.isNaN(difference) ? null : difference;
  };
  return {
    arrivals: amount('arrivals'),
    busyThreadSeconds: amount('busyThreadSeconds'),
    inflightSeconds: amount('inflightSeconds'),
    gilWaitSeconds: amount('gilWaitSeconds'),
    gilProbeSeconds: amount('gilProbeSeconds'),
    gilWaitingThreadSeconds: amount('gilWaitingThreadSeconds'),
    runqueueWaitSeconds: amount('runqueueWaitSeconds'),
    loopLagSeconds: amount('loopLagSeconds'),
    cpuSeconds: amount('cpuSeconds'),
    cpuPeriods: amount('cpuPeriods'),
    cpuThrottledPeriods: amount('cpuThrottledPeriods'),
    cpuThrottledSeconds: amount('cpuThrottledSeconds'),
  };
};

/** A label that is new in the window began at zero in it. */
const labelAmounts = (from: Snapshot, to: Snapshot, name: LabelledName): [label: string, amount: number][] => {
  const before = from.labelled.get(name);
  return [...(to.labelled.get(name) ?? [])].map(([label, value]) => [label, value - (before?.get(label) ?? 0)]);
};

const total = (amounts: readonly (readonly [string, number])[]): number => amounts.reduce((sum, [, amount]) => sum + amount, 0);

const histogramBetween = (from: Snapshot, to: Snapshot, name: HistogramName): Histogram => {
  const start = from.histograms.get(name);
  const end = to.histograms.get(name);
  if (end === undefined || start === undefined || start.edges.length !== end.edges.length) return emptyHistogram;
  const cumulative = end.values.map((value, index) => value - (start.values[index] ?? 0));
  const counts = Array.from(cumulative.subarray(0, -1), (value, index) => value - (index === 0 ? 0 : (cumulative[index - 1] ?? 0)));
  return { edges: [...end.edges], counts, sum: cumulative.at(-1) ?? NaN };
};

const modelOf = (text: string | undefined): PodSample['model'] => (text === 'processes' || text === 'eventloop' ? text : 'threads');
const gilOf = (text: string | undefined): PodSample['gil'] => (text === 'on' || text === 'off' ? text : 'none');

const kindOf = ({ page: { info } }: Snapshot): Pick<PodSample, 'model' | 'knob' | 'gil' | 'queueVisible'> => ({
  model: modelOf(info?.get('model')),
  knob: info?.get('knob') === 'inflight' ? 'inflight' : 'threads',
  gil: gilOf(info?.get('gil')),
  queueVisible: info?.get('queue_visible') === 'true',
});

const sizesOf = ({ page: { gauges } }: Snapshot) => {
  const gauge = (name: GaugeName, absent: number): number => gauges.get(name) ?? absent;
  return {
    threads: gauge('threads', 1),
    processes: gauge('processes', 1),
    generation: gauge('generation', 0),
    inflight: gauge('inflight', 0),
    queueDepth: gauge('queueDepth', 0),
  };
};

/** CPU of the busiest process; NaN parts (a process whose counter is nonsense) are left out. */
const busiest = (from: Snapshot, to: Snapshot): number | null => {
  const amounts = labelAmounts(from, to, 'processCpuSeconds').map(([, amount]) => amount);
  const known = amounts.filter((amount) => Number.isFinite(amount));
  return known.length === 0 ? null : Math.max(...known);
};

/**
 * One pod's sample between two snapshots of the same layout, as seen at monotonic time `now` (milliseconds). What a
 * server does not report falls back as docs/control-law.md says; what it reports badly stays NaN, for the law to reject.
 */
export const sampleBetween = (from: Snapshot, to: Snapshot, now: number): PodSample => {
  const amounts = amountsOf(from, to);
  const answers = labelAmounts(from, to, 'requests');
  const rejected = total(labelAmounts(from, to, 'rejected'));
  const seconds = (to.at - from.at) / 1000;
  const sizes = sizesOf(to);
  const locks = labelAmounts(from, to, 'lockWaitSeconds');
  const processes = labelAmounts(from, to, 'processCpuSeconds');
  return {
    seconds,
    ageSeconds: Math.max(0, now - to.at) / 1000,
    ...kindOf(to),
    ...sizes,
    arrivals: amounts.arrivals ?? total(answers) + rejected,
    completions: total(answers),
    rejected,
    serverErrors: total(answers.filter(([code]) => code.startsWith('5'))),
    inflightSeconds: amounts.inflightSeconds ?? sizes.inflight * seconds,
    busyThreadSeconds: amounts.busyThreadSeconds,
    // Without any word on CPU the cost of a request is unknown, not nothing.
    cpuSeconds: amounts.cpuSeconds ?? (processes.length === 0 ? NaN : total(processes)),
    busiestProcessCpuSeconds: busiest(from, to),
    loopLagSeconds: amounts.loopLagSeconds,
    gilWaitSeconds: amounts.gilWaitSeconds,
    gilProbeSeconds: amounts.gilProbeSeconds,
    gilWaitingThreadSeconds: amounts.gilWaitingThreadSeconds,
    runqueueWaitSeconds: amounts.runqueueWaitSeconds,
    throttledSeconds: amounts.cpuThrottledSeconds,
    throttledPeriods: amounts.cpuThrottledPeriods,
    cpuPeriods: amounts.cpuPeriods,
    lockWaitSeconds: locks.length === 0 ? null : total(locks),
    request: histogramBetween(from, to, 'requestSeconds'),
    queue: histogramBetween(from, to, 'queueSeconds'),
    service: histogramBetween(from, to, 'serviceSeconds'),
    store: histogramBetween(from, to, 'storeSeconds'),
  };
};

/** Requests that arrived or were answered between two snapshots: whether a window holds enough of them. */
export const requestsBetween = (from: Snapshot, to: Snapshot): number => {
  const answered = total(labelAmounts(from, to, 'requests'));
  return Math.max(0, Number.isFinite(answered) ? answered : 0, amountsOf(from, to).arrivals ?? 0);
};
