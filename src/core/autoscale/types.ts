/**
 * What the control law takes and gives. Plain JSON throughout, so that a decision can be written down and evaluated again.
 *
 * @module
 */
import type { BottleneckClass, Scale } from '../../api/featureserver-status.ts';
import type { ScalingMode } from '../../api/featureserver.ts';

/** The part of a FeatureServer's spec that the law reads, durations in milliseconds. Built by `autoscaleSpec`. */
export interface AutoscaleSpec {
  mode: ScalingMode;
  paused: boolean;
  objectiveMs: number;
  replicas: { min: number; max: number };
  threads: { min: number; max: number; initial: number };
  processes: { min: number; max: number };
  /** Most requests that the whole fleet may ask the store at once; null without a cap. */
  maxConcurrency: number | null;
  warmUpMs: number;
  scaleUp: { maxPods: number; maxPercent: number; periodMs: number };
  scaleDown: { enabled: boolean; stabilizationMs: number; maxPercentPerMinute: number };
  evaluation: { periodMs: number; windowMs: number };
}

/** Counts of one window between ascending edges; `counts` has one more entry than `edges` (above the last edge). Seconds. */
export interface Histogram {
  edges: number[];
  counts: number[];
  /** Sum of the observed values, seconds. */
  sum: number;
}

/** What one pod did over one window. Counts are differences over the window, resets already taken out. */
export interface PodSample {
  /** Length of the window really covered, seconds. */
  seconds: number;
  /** Age of its newest scrape at `now`, seconds. */
  ageSeconds: number;
  model: 'threads' | 'processes' | 'eventloop';
  knob: 'threads' | 'inflight';
  gil: 'on' | 'off' | 'none';
  queueVisible: boolean;
  /** The knob in force, for each process. */
  threads: number;
  processes: number;
  generation: number;
  arrivals: number;
  completions: number;
  rejected: number;
  /** Answers with a 5xx status among the completions. */
  serverErrors: number;
  /** Integral of requests inside, request-seconds. */
  inflightSeconds: number;
  /** Time threads spent on requests, thread-seconds; null when not reported. */
  busyThreadSeconds: number | null;
  inflight: number;
  queueDepth: number;
  /** CPU of all processes, core-seconds. */
  cpuSeconds: number;
  /** CPU of the busiest serving process, core-seconds; null when not reported. */
  busiestProcessCpuSeconds: number | null;
  loopLagSeconds: number | null;
  gilWaitSeconds: number | null;
  gilProbeSeconds: number | null;
  gilWaitingThreadSeconds: number | null;
  runqueueWaitSeconds: number | null;
  throttledSeconds: number | null;
  throttledPeriods: number | null;
  cpuPeriods: number | null;
  lockWaitSeconds: number | null;
  request: Histogram;
  queue: Histogram;
  service: Histogram;
  store: Histogram;
}

/** One pod of the fleet. Pods that terminate are left out but for `Fleet.terminating`. */
export interface PodWindow {
  name: string;
  node: string | null;
  templateHash: string;
  ready: boolean;
  /** Start of the serving container, milliseconds since the epoch; null while it does not run. */
  startedAt: number | null;
  /** Since when it has been ready, milliseconds since the epoch; null while it is not. After a lost readiness later than the first time. */
  readyAt: number | null;
  /** CPU limit, cores; null without one. */
  coreLimit: number | null;
  /** Null: running, but nothing was heard from it in this window. */
  sample: PodSample | null;
}

/** The fleet over one window. */
export interface FleetWindow {
  /** What is asked for now: Deployment's replicas and the pool configuration. */
  current: Scale;
  readyReplicas: number;
  /** Pods on their way out, which still hold store connections. */
  terminating: number;
  /** A rollout of a new template is under way. */
  rollingOut: boolean;
  /** Template hash of the newest ReplicaSet: what is learned belongs to it. */
  templateHash: string;
  /** Pods that cannot come: a quota refused them, or no node has room. Null when nothing is known to be in the way. */
  blocked: { reason: 'Quota' | 'Unschedulable' | 'Image'; message: string; since: number } | null;
  /** What every pod can change while it runs; the rest takes a rollout. Absent: both. */
  live?: { threads: boolean; processes: boolean } | undefined;
  pods: PodWindow[];
}

export interface RecommendInput {
  spec: AutoscaleSpec;
  windows: FleetWindow;
  /** What the last call returned, or what the status held; anything unreadable counts as none. */
  memory: unknown;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Measured inputs of a decision, null where unknown. Latencies in milliseconds. */
export interface FleetMeasurement {
  p95Ms: number | null;
  p95IsLowerBound: boolean;
  requestsPerSecond: number | null;
  offeredPerSecond: number | null;
  cpuSecondsPerRequest: number | null;
  /** Requests per second of one pod at the present size. */
  podCapacity: number | null;
  storeMs: number | null;
  /** Share of running pods that reported, 0 to 1. */
  coverage: number;
  oldestSampleSeconds: number | null;
}

export interface Candidate extends Scale {
  /** Null where it cannot keep up, and where a full store or a lock decides. */
  predictedP95Ms: number | null;
  /** Pods plus the cost of switching. */
  cost: number;
}

export interface Recommendation {
  /** What the fleet should be, after every guard. Equal to `current` on hold. */
  scale: Scale;
  class: BottleneckClass;
  /** Why, as a constant from src/core/autoscale/reasons.ts, and in a sentence with numbers. */
  reason: string;
  message: string;
  /** Evidence of the class in numbers, and what the user could do. */
  evidence: string;
  advice: string;
  /** Classes that the servers report enough for, in the order in which they are looked for. */
  reachable: BottleneckClass[];
  measured: FleetMeasurement;
  candidates: Candidate[];
  boundBy: string | null;
  guard: string | null;
  cpuAutoscalerWouldSay: number | null;
  /** Whether the objective is met: null when that cannot be said. */
  objectiveMet: boolean | null;
  /** JSON, under 8 KiB; goes to `.status.autoscaling` and comes back as `memory`. */
  memory: Record<string, unknown>;
}
