/**
 * What one pod counts, as a server of the worker-pool protocol does: sums since its start.
 *
 * @module
 */
const STEPS = 35;
const FIRST = 0.001;
const LAST = 2;
/** Width of a cell of the table that finds a bucket, seconds. */
const CELL = 0.00025;

/** Edges of the protocol's histograms, seconds: 1 ms to 2 s at a ratio under 1.25, and the objective. */
export const protocolEdges = (objectiveSeconds: number): number[] => {
  const fixed = Array.from({ length: STEPS + 1 }, (_, step) => Number((FIRST * (LAST / FIRST) ** (step / STEPS)).toPrecision(4)));
  return [...new Set([...fixed, objectiveSeconds])].sort((a, b) => a - b);
};

/** Finds the bucket of a value: a table of small cells leads to the first edge that can be it. */
export class Buckets {
  readonly edges: readonly number[];
  readonly #first: Uint8Array;

  constructor(edges: readonly number[]) {
    this.edges = edges;
    const cells = Math.ceil((edges.at(-1) ?? 0) / CELL) + 1;
    this.#first = Uint8Array.from({ length: cells }, (_, cell) => edges.findIndex((edge) => edge >= cell * CELL));
  }

  /** Index of the first edge at or above `seconds`; the number of edges when there is none. */
  indexOf(seconds: number): number {
    const { edges } = this;
    let index = seconds >= (edges[edges.length - 1] ?? 0) ? edges.length - 1 : (this.#first[(seconds / CELL) | 0] ?? 0);
    while (index < edges.length && (edges[index] ?? 0) < seconds) index += 1;
    return index;
  }
}

export const sums = [
  'arrivals',
  'completions',
  'rejected',
  'inflight',
  'busy',
  'cpu',
  'loopLag',
  'gilWait',
  'gilWaiting',
  'runqueue',
  'throttled',
  'throttledPeriods',
] as const;
export type Sum = (typeof sums)[number];

/** Counters and integrals. Seconds, core-seconds or thread-seconds. */
export class Meters implements Record<Sum, number> {
  arrivals = 0;
  completions = 0;
  rejected = 0;
  inflight = 0;
  busy = 0;
  cpu = 0;
  loopLag = 0;
  gilWait = 0;
  gilWaiting = 0;
  runqueue = 0;
  throttled = 0;
  throttledPeriods = 0;
  /** CPU of each process. */
  readonly cpuOf = new Float64Array(64);
  readonly #buckets: Buckets;
  /** Bucket counts, then the sum. */
  readonly request: Float64Array;
  readonly queue: Float64Array;
  readonly service: Float64Array;
  readonly store: Float64Array;

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
    const length = buckets.edges.length + 2;
    this.request = new Float64Array(length);
    this.queue = new Float64Array(length);
    this.service = new Float64Array(length);
    this.store = new Float64Array(length);
  }

  /** Counts an answer with its times, seconds. */
  answered(request: number, queue: number, store: number): void {
    this.completions += 1;
    this.#observe(this.request, request);
    this.#observe(this.queue, queue);
    this.#observe(this.service, request - queue);
    this.#observe(this.store, store);
  }

  #observe(histogram: Float64Array, seconds: number): void {
    const index = this.#buckets.indexOf(seconds);
    histogram[index] = (histogram[index] ?? 0) + 1;
    const last = histogram.length - 1;
    histogram[last] = (histogram[last] ?? 0) + seconds;
  }
}
