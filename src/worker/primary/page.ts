/**
 * The `/metrics` page. Written by hand: the figures are sums over processes, and a registry would only copy them.
 *
 * @module
 */
import { poolMetrics } from '../../api/protocol.ts';
import type { PoolState } from '../../api/protocol.ts';
import { edgesFor } from '../metrics/edges.ts';
import type { HistogramData } from '../metrics/histogram.ts';
import type { CpuThrottling } from './kernel-figures.ts';
import type { PodFigures } from './tally.ts';

/** Whether the latency seen here is within 15 % of a client's; measured, see docs/worker-pool-protocol.md. */
export const queueVisible = true;

/** Everything that the page shows. */
export interface PageInput {
  /** The configuration last accepted. */
  state: PoolState;
  /** The knob that is in force in all processes. */
  threadsInForce: number;
  generationInForce: number;
  processes: number;
  figures: PodFigures;
  podCpuSeconds: number;
  runQueueSeconds: number | undefined;
  throttling: CpuThrottling | undefined;
  version: string;
}

type Labels = Record<string, string | number>;

/** Writes the page. */
export function renderPage(input: PageInput): string {
  const page = new Page();
  writeInfo(page, input);
  writeCounts(page, input);
  const { histograms } = input.figures.totals;
  page.histogram(poolMetrics.requestSeconds, 'accept to last byte handed to the kernel', histograms.request);
  page.histogram(poolMetrics.queueSeconds, 'accept to a place in the pool', histograms.queue);
  page.histogram(poolMetrics.serviceSeconds, 'place in the pool to work done', histograms.service);
  page.histogram(poolMetrics.storeSeconds, 'time of a request waiting for the online store', histograms.store);
  writeCpu(page, input);
  return page.text();
}

function writeInfo(page: Page, { state, threadsInForce, generationInForce, processes, version }: PageInput): void {
  const { model, knob, gil } = state;
  const labels = { runtime: `node ${process.versions.node}`, model, knob, gil, queue_visible: String(queueVisible), version };
  page.gauge(poolMetrics.info, 'what kind of pool this is', 1, labels);
  page.gauge(poolMetrics.threads, 'requests that each process holds at once, in force', threadsInForce);
  page.gauge(poolMetrics.threadsDesired, 'the same as last asked for', state.threads);
  page.gauge(poolMetrics.processes, 'serving processes', processes);
  page.gauge(poolMetrics.generation, 'generation of the configuration in force', generationInForce);
}

function writeCounts(page: Page, { figures }: PageInput): void {
  const { totals } = figures;
  page.counter(poolMetrics.arrivals, 'feature requests accepted or rejected', [[{}, totals.arrivals]]);
  page.counter(poolMetrics.requests, 'answered requests', labelled('code', totals.requests));
  page.counter(poolMetrics.rejected, 'shed requests', labelled('reason', totals.rejected));
  page.counter(poolMetrics.overObjective, 'answered later than the objective', [[{}, totals.overObjective]]);
  page.counter(poolMetrics.busyThreadSeconds, 'integral of the places held', [[{}, totals.busySeconds]]);
  page.counter(poolMetrics.inflightSeconds, 'integral of the requests accepted and not yet answered', [[{}, totals.inflightSeconds]]);
  page.gauge(poolMetrics.inflight, 'requests accepted and not yet answered', figures.inflight);
  page.gauge(poolMetrics.queueDepth, 'requests that wait for a place', figures.queueDepth);
  page.counter(poolMetrics.loopLagSeconds, 'integral of the event-loop lag; its rate is the mean lag', [[{}, totals.loopLagSeconds]]);
}

function writeCpu(page: Page, { figures, podCpuSeconds, runQueueSeconds, throttling }: PageInput): void {
  const slots = [...figures.slotCpuSeconds].sort(([a], [b]) => a - b);
  page.counter(poolMetrics.processCpuSeconds, 'CPU of each serving process, by slot', slots.map(([process, seconds]) => [{ process }, seconds]));
  page.counter(poolMetrics.cpuSeconds, 'CPU of all processes of the pod', [[{}, podCpuSeconds]]);
  if (runQueueSeconds !== undefined) page.counter(poolMetrics.runqueueWaitSeconds, 'waits for a core', [[{}, runQueueSeconds]]);
  if (throttling === undefined) return;
  page.counter(poolMetrics.cpuPeriods, 'quota periods', [[{}, throttling.periods]]);
  page.counter(poolMetrics.cpuThrottledPeriods, 'quota periods with throttling', [[{}, throttling.throttledPeriods]]);
  page.counter(poolMetrics.cpuThrottledSeconds, 'time throttled', [[{}, throttling.throttledSeconds]]);
}

function labelled(label: string, counts: Record<string, number>): [Labels, number][] {
  return Object.entries(counts).map(([value, count]) => [{ [label]: value }, count]);
}

class Page {
  private readonly lines: string[] = [];

  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.head(name, help, 'gauge');
    this.lines.push(sample(name, labels, value));
  }

  counter(name: string, help: string, values: [Labels, number][]): void {
    this.head(name, help, 'counter');
    for (const [labels, value] of values) this.lines.push(sample(name, labels, value));
  }

  histogram(name: string, help: string, data: HistogramData): void {
    this.head(name, help, 'histogram');
    let cumulative = 0;
    for (const [index, edge] of [...edgesFor(data.objectiveMs), Infinity].entries()) {
      cumulative += data.counts[index] ?? 0;
      this.lines.push(sample(`${name}_bucket`, { le: edge === Infinity ? '+Inf' : edge }, cumulative));
    }
    this.lines.push(sample(`${name}_sum`, {}, data.sum), sample(`${name}_count`, {}, cumulative));
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private head(name: string, help: string, type: string): void {
    this.lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(String(text))}`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${Number(value.toFixed(6))}`;
}
