/**
 * What the server counts, and the page that shows it. All observations are kept, so the edges may move at will.
 *
 * @module
 */
import { poolMetrics } from '../../../src/api/protocol.ts';
import type { PoolState } from '../../../src/api/protocol.ts';
import type { Fault } from './faults.ts';

type HistogramName = 'requestSeconds' | 'queueSeconds' | 'serviceSeconds' | 'storeSeconds';

const edgesAt = (ratio: number): number[] => {
  const steps = Math.ceil(Math.log(2000) / Math.log(ratio));
  return Array.from({ length: steps + 1 }, (_, step) => Number((0.001 * 2000 ** (step / steps)).toPrecision(4)));
};

/** What the page needs to know beside the counts. */
export interface Shown {
  readonly state: PoolState;
  readonly threadsInForce: number;
  readonly processes: number;
  readonly queueDepth: number;
  readonly engineCpu: ReadonlyMap<number, number>;
}

export class Figures {
  readonly #fault: Fault | undefined;
  readonly #firstObjectiveMs: number;
  arrivals = 0;
  readonly requests: Record<string, number> = { '2xx': 0, '4xx': 0, '5xx': 0 };
  rejected = 0;
  over = 0;
  inflight = 0;
  busy = 0;
  /** Of each engine: what it answered. */
  readonly byEngine = new Map<number, number>();
  readonly #observed: Record<HistogramName, number[]> = { requestSeconds: [], queueSeconds: [], serviceSeconds: [], storeSeconds: [] };
  #inflightSeconds = 0;
  #busySeconds = 0;
  #integratedAt = performance.now();

  constructor(fault: Fault | undefined, objectiveMs: number) {
    this.#fault = fault;
    this.#firstObjectiveMs = objectiveMs;
  }

  /** To be called before `inflight` or `busy` change. */
  integrate(): void {
    const now = performance.now();
    const seconds = (now - this.#integratedAt) / 1000;
    this.#inflightSeconds += this.inflight * seconds * (this.#fault === 'inflight-doubled' ? 2 : 1);
    this.#busySeconds += (this.#fault === 'busy-counts-the-queue' ? this.inflight * 1.5 : this.busy) * seconds;
    this.#integratedAt = now;
  }

  observe(name: HistogramName, ms: number): void {
    this.#observed[name].push(ms / 1000);
    if (name === 'storeSeconds' && this.#fault === 'store-observed-twice') this.#observed[name].push(ms / 1000);
  }

  page(shown: Shown): string {
    this.integrate();
    const lines = [...this.#kindLines(shown), ...this.#countLines(shown), ...this.#cpuLines(shown)];
    for (const name of ['requestSeconds', 'queueSeconds', 'serviceSeconds', 'storeSeconds'] as const) lines.push(...this.#histogram(name, shown.state.objectiveMs));
    if (this.#fault === 'garbage-line') lines.push('worker_pool_more{a="b" 1');
    return `${lines.join('\n')}\n`;
  }

  #kindLines({ state, threadsInForce, processes }: Shown): string[] {
    const gil = this.#fault === 'gil-maybe' ? 'maybe' : state.gil;
    const info = `{runtime="node",model="${state.model}",knob="${state.knob}",gil="${gil}",queue_visible="true",version="1"}`;
    return [
      ...sample('gauge', poolMetrics.info, 1, info),
      ...sample('gauge', poolMetrics.threads, threadsInForce + (this.#fault === 'threads-one-more' ? 1 : 0)),
      ...sample('gauge', poolMetrics.threadsDesired, state.threads),
      ...sample('gauge', poolMetrics.processes, processes),
      ...(this.#fault === 'no-generation' ? [] : sample('gauge', poolMetrics.generation, state.generation)),
    ];
  }

  #countLines({ queueDepth }: Shown): string[] {
    const label = this.#fault === 'requests-without-code' ? 'status' : 'code';
    return [
      ...sample(this.#fault === 'arrivals-a-gauge' ? 'gauge' : 'counter', poolMetrics.arrivals, this.arrivals),
      `# TYPE ${poolMetrics.requests} counter`,
      ...Object.entries(this.requests).map(([code, count]) => `${poolMetrics.requests}{${label}="${code}"} ${count}`),
      ...sample('counter', poolMetrics.rejected, this.rejected, '{reason="queue_full"}'),
      ...sample('counter', poolMetrics.overObjective, this.#fault === 'over-objective-zero' ? 0 : this.over),
      ...sample('counter', poolMetrics.busyThreadSeconds, this.#busySeconds),
      ...sample('counter', poolMetrics.inflightSeconds, this.#inflightSeconds),
      ...sample('gauge', poolMetrics.inflight, this.inflight),
      ...sample('gauge', poolMetrics.queueDepth, this.#fault === 'nan-sample' ? NaN : queueDepth),
    ];
  }

  #cpuLines({ engineCpu }: Shown): string[] {
    const { user, system } = process.cpuUsage();
    const engines = [...engineCpu.values()].reduce((sum, seconds) => sum + seconds, 0);
    const pod = this.#fault === 'no-cpu' ? 1 : (user + system) / 1e6 + engines;
    return [
      ...sample('counter', poolMetrics.cpuSeconds, pod),
      `# TYPE ${poolMetrics.processCpuSeconds} counter`,
      ...[...engineCpu].map(([slot, seconds]) => `${poolMetrics.processCpuSeconds}{process="${slot}"} ${seconds}`),
    ];
  }

  #histogram(name: HistogramName, objectiveMs: number): string[] {
    const metric = poolMetrics[name];
    const values = this.#observed[name];
    const objective = (this.#fault === 'objective-edge-stays' ? this.#firstObjectiveMs : objectiveMs) / 1000;
    const fixed = edgesAt(this.#fault === 'coarse-edges' ? 2 : 1.24);
    const edges = [...new Set(this.#fault === 'no-objective-edge' ? fixed : [...fixed, objective])].sort((left, right) => left - right);
    const below = (edge: number): number => values.filter((value) => value <= edge).length;
    const spoiled = (count: number, index: number): number => (this.#fault === 'buckets-not-cumulative' && index === 0 ? count + 1 : count);
    return [
      `# TYPE ${metric} histogram`,
      ...edges.map((edge, index) => `${metric}_bucket{le="${edge}"} ${spoiled(below(edge), index)}`),
      `${metric}_bucket{le="+Inf"} ${values.length}`,
      `${metric}_sum ${values.reduce((sum, value) => sum + value, 0)}`,
      `${metric}_count ${values.length}`,
    ];
  }
}

const sample = (type: string, name: string, value: number, labels = ''): string[] => [`# TYPE ${name} ${type}`, `${name}${labels} ${value}`];
