/**
 * The worker-pool protocol v1: what a server offers on its admin port. Spoken by the built-in worker, read by the operator.
 * The page that explains it is docs/worker-pool-protocol.md.
 *
 * @module
 */
import * as z from 'zod';

/** Environment variables that the operator sets in each pod. */
export const poolEnv = {
  config: 'WORKER_POOL_CONFIG',
  tokenFile: 'WORKER_POOL_TOKEN_FILE',
  host: 'WORKER_POOL_HOST',
  servingPort: 'WORKER_POOL_SERVING_PORT',
  adminPort: 'WORKER_POOL_ADMIN_PORT',
} as const;

/** The configuration file mounted into each pod; read before readiness. `threads` counts per process. */
export const poolConfigSchema = z.object({
  threads: z.int().min(1).max(4096),
  processes: z.int().min(1).max(256),
  /** `leaseTransitions · 2^32 + counter`: a deposed leader cannot win. */
  generation: z.int().min(0),
  objectiveMs: z.number().positive(),
});
export type PoolConfig = z.infer<typeof poolConfigSchema>;

/** Body of `PUT /pool`: the generation, and what should change. */
export const poolChangeSchema = z.object({
  generation: z.int().min(0),
  threads: z.int().optional(),
  processes: z.int().optional(),
  objectiveMs: z.number().positive().optional(),
});
export type PoolChange = z.infer<typeof poolChangeSchema>;

const range = z.object({ min: z.int(), max: z.int() });

/** Answer of `GET /pool` and of an accepted `PUT /pool`. */
export const poolStateSchema = z.object({
  threads: z.int(),
  processes: z.int(),
  generation: z.int(),
  limits: z.object({ threads: range, processes: range }),
  live: z.object({ threads: z.boolean(), processes: z.boolean() }),
  objectiveMs: z.number(),
  model: z.enum(['threads', 'processes', 'eventloop']),
  knob: z.enum(['threads', 'inflight']),
  gil: z.enum(['on', 'off', 'none']),
});
export type PoolState = z.infer<typeof poolStateSchema>;

/** Metric names of the protocol's `/metrics` page. */
export const poolMetrics = {
  info: 'worker_pool_info',
  threads: 'worker_pool_threads',
  threadsDesired: 'worker_pool_threads_desired',
  processes: 'worker_pool_processes',
  generation: 'worker_pool_generation',
  arrivals: 'worker_pool_arrivals_total',
  requests: 'worker_pool_requests_total',
  rejected: 'worker_pool_rejected_total',
  overObjective: 'worker_pool_over_objective_total',
  busyThreadSeconds: 'worker_pool_busy_thread_seconds_total',
  inflightSeconds: 'worker_pool_inflight_seconds_total',
  inflight: 'worker_pool_inflight',
  queueDepth: 'worker_pool_queue_depth',
  requestSeconds: 'worker_pool_request_seconds',
  queueSeconds: 'worker_pool_queue_seconds',
  serviceSeconds: 'worker_pool_service_seconds',
  storeSeconds: 'worker_pool_store_seconds',
  gilWaitSeconds: 'worker_pool_gil_wait_seconds_total',
  gilProbeSeconds: 'worker_pool_gil_probe_seconds_total',
  gilWaitingThreadSeconds: 'worker_pool_gil_waiting_thread_seconds_total',
  runqueueWaitSeconds: 'worker_pool_runqueue_wait_seconds_total',
  loopLagSeconds: 'worker_pool_loop_lag_seconds_total',
  lockWaitSeconds: 'worker_pool_lock_wait_seconds_total',
  processCpuSeconds: 'worker_pool_process_cpu_seconds_total',
  cpuSeconds: 'process_cpu_seconds_total',
  cpuPeriods: 'container_cpu_periods_total',
  cpuThrottledPeriods: 'container_cpu_throttled_periods_total',
  cpuThrottledSeconds: 'container_cpu_throttled_seconds_total',
} as const;
