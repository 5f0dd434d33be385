/**
 * Metrics pages of a worker pool with given values, for tests and the benchmark.
 *
 * @module
 */

/** Edges of the protocol: 1 ms to 2 s by a ratio of 1.25, and one at the objective. Seconds. */
export const protocolEdges = (objectiveSeconds = 0.05): number[] => {
  const edges: number[] = [objectiveSeconds];
  for (let edge = 0.001; edge < 2.5; edge *= 1.25) edges.push(Number(edge.toPrecision(4)));
  return [...new Set(edges)].sort((a, b) => a - b);
};

export interface PoolNumbers {
  requests: number;
  /** Mean of each latency, seconds; all observations fall into its bucket. */
  response: number;
  service: number;
  store: number;
  cpu: number;
  threads?: number;
  processes?: number;
  generation?: number;
  inflight?: number;
  queueDepth?: number;
  edges?: number[];
  errors?: number;
}

const histogramLines = (name: string, count: number, mean: number, edges: readonly number[]): string[] => [
  `# TYPE ${name} histogram`,
  ...edges.map((edge) => `${name}_bucket{le="${edge}"} ${edge >= mean ? count : 0}`),
  `${name}_bucket{le="+Inf"} ${count}`,
  `${name}_sum ${count * mean}`,
  `${name}_count ${count}`,
];

/** A page whose numbers obey Little's law. */
export const poolPage = (numbers: PoolNumbers): string => {
  const { requests, response, service, store, cpu } = numbers;
  const edges = numbers.edges ?? protocolEdges();
  const lines = [
    '# HELP worker_pool_info What the pool is.',
    '# TYPE worker_pool_info gauge',
    'worker_pool_info{runtime="node",model="eventloop",knob="inflight",gil="none",queue_visible="true",version="1"} 1',
    `worker_pool_threads ${numbers.threads ?? 8}`,
    `worker_pool_threads_desired ${numbers.threads ?? 8}`,
    `worker_pool_processes ${numbers.processes ?? 1}`,
    `worker_pool_generation ${numbers.generation ?? 1}`,
    `worker_pool_arrivals_total ${requests}`,
    `worker_pool_requests_total{code="2xx"} ${requests - (numbers.errors ?? 0)}`,
    `worker_pool_requests_total{code="5xx"} ${numbers.errors ?? 0}`,
    'worker_pool_rejected_total{reason="queue_full"} 0',
    `worker_pool_inflight_seconds_total ${requests * response}`,
    `worker_pool_inflight ${numbers.inflight ?? 0}`,
    `worker_pool_queue_depth ${numbers.queueDepth ?? 0}`,
    ...histogramLines('worker_pool_request_seconds', requests, response, edges),
    ...histogramLines('worker_pool_queue_seconds', requests, Math.max(0, response - service), edges),
    ...histogramLines('worker_pool_service_seconds', requests, service, edges),
    ...histogramLines('worker_pool_store_seconds', requests, store, edges),
    'worker_pool_loop_lag_seconds_total 0.5',
    `worker_pool_process_cpu_seconds_total{process="0"} ${cpu}`,
    `process_cpu_seconds_total ${cpu}`,
    'container_cpu_periods_total 1000',
    'container_cpu_throttled_periods_total 0',
    'container_cpu_throttled_seconds_total 0',
  ];
  return `${lines.join('\n')}\n`;
};

/** The page, filled up with metrics that nobody asked for, to `bytes`. */
export const paddedPage = (numbers: PoolNumbers, bytes: number): string => {
  const page = poolPage(numbers);
  const filler: string[] = [];
  let length = page.length;
  for (let index = 0; length < bytes; index += 1) {
    const line = `nodejs_gc_duration_seconds_bucket{le="0.${index}",kind="incremental"} ${index * 7}`;
    filler.push(line);
    length += line.length + 1;
  }
  const half = Math.floor(filler.length / 2);
  return `${filler.slice(0, half).join('\n')}\n${page}${filler.slice(half).join('\n')}\n`;
};
