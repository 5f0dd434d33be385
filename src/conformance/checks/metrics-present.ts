import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import type { MetricsPage } from '../metrics/metrics-page.ts';

type MetricName = keyof typeof poolMetrics;
interface Rule {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Labels that each series has. */
  readonly labels?: readonly string[];
  readonly needed: (info: ReadonlyMap<string, string>) => boolean;
  /** What has not happened yet need not be shown. */
  readonly mayBeEmpty?: true;
}

const always = (): boolean => true;
const optional = (): boolean => false;
const withLoops = (info: ReadonlyMap<string, string>): boolean => info.get('model') === 'eventloop';
const withGil = (info: ReadonlyMap<string, string>): boolean => info.get('gil') === 'on';

/** The table of the page. */
const rules: Readonly<Record<MetricName, Rule>> = {
  info: { type: 'gauge', labels: ['runtime', 'model', 'knob', 'gil', 'queue_visible', 'version'], needed: always },
  threads: { type: 'gauge', needed: always },
  threadsDesired: { type: 'gauge', needed: always },
  processes: { type: 'gauge', needed: always },
  generation: { type: 'gauge', needed: always },
  arrivals: { type: 'counter', needed: always },
  requests: { type: 'counter', labels: ['code'], needed: always, mayBeEmpty: true },
  rejected: { type: 'counter', labels: ['reason'], needed: always, mayBeEmpty: true },
  overObjective: { type: 'counter', needed: always },
  busyThreadSeconds: { type: 'counter', needed: always },
  inflightSeconds: { type: 'counter', needed: always },
  inflight: { type: 'gauge', needed: always },
  queueDepth: { type: 'gauge', needed: always },
  requestSeconds: { type: 'histogram', needed: always },
  queueSeconds: { type: 'histogram', needed: always },
  serviceSeconds: { type: 'histogram', needed: always },
  storeSeconds: { type: 'histogram', needed: always },
  gilWaitSeconds: { type: 'counter', needed: withGil },
  gilProbeSeconds: { type: 'counter', needed: withGil },
  gilWaitingThreadSeconds: { type: 'counter', needed: optional },
  runqueueWaitSeconds: { type: 'counter', needed: optional },
  loopLagSeconds: { type: 'counter', needed: withLoops },
  lockWaitSeconds: { type: 'counter', labels: ['lock'], needed: optional },
  processCpuSeconds: { type: 'counter', labels: ['process'], needed: always },
  cpuSeconds: { type: 'counter', needed: always },
  cpuPeriods: { type: 'counter', needed: optional },
  cpuThrottledPeriods: { type: 'counter', needed: optional },
  cpuThrottledSeconds: { type: 'counter', needed: optional },
};

const isMetricName = (name: string): name is MetricName => Object.hasOwn(rules, name);

/** Every metric that this kind of server owes, with its type and its labels. @module */
export const metricsPresent: Check = {
  name: 'metrics-present',
  title: 'every needed metric is there, with its type and its labels',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    const page = await subject.scrape();
    const info = page.series(poolMetrics.info)[0]?.labels ?? new Map<string, string>();
    const names = Object.keys(rules).filter(isMetricName);
    const shown = names.filter((name) => seriesOf(page, name).length > 0);
    return passUnless(names.flatMap((name) => problemsOf(page, name, info)), `${shown.length} of ${names.length} metrics of the protocol`);
  },
};

const seriesOf = (page: MetricsPage, name: MetricName) => page.series(rules[name].type === 'histogram' ? `${poolMetrics[name]}_bucket` : poolMetrics[name]);

const problemsOf = (page: MetricsPage, name: MetricName, info: ReadonlyMap<string, string>): Problem[] => {
  const metric = poolMetrics[name];
  const { type, labels = [], needed, mayBeEmpty } = rules[name];
  const series = seriesOf(page, name);
  if (series.length === 0) return needed(info) && mayBeEmpty !== true ? [{ expected: `${metric}, a ${type}`, seen: 'it is not on the page' }] : [];
  const problems: Problem[] = [];
  const seenType = page.exposition.types.get(metric) ?? 'no # TYPE line';
  if (seenType !== type) problems.push({ expected: `# TYPE ${metric} ${type}`, seen: seenType });
  const missing = labels.filter((label) => !series.every((sample) => sample.labels.has(label)));
  if (missing.length > 0) problems.push({ expected: `each series of ${metric} has the labels ${labels.join(', ')}`, seen: `without ${missing.join(', ')}` });
  return problems;
};
