/**
 * What the measuring loop needs from the FeatureServer controller, and what it gives back.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import type { AutoscaleSpec, FleetWindow, PodWindow, Recommendation } from '../../core/autoscale/types.ts';

/** Where one pod's admin port answers. */
export interface PodTarget {
  /** Unique for as long as the pod lives: its UID. */
  key: string;
  /** `namespace/name`, for messages. */
  name: string;
  /** IPv4 or IPv6 address, without brackets. */
  host: string;
  port: number;
  /** Changes when the serving container starts anew (its start time): counters of the old one end there. */
  incarnation: string;
}

/** One running pod: what the watch knows, and where to measure it. Terminating pods are left out. */
export interface FleetPod extends Omit<PodWindow, 'sample'> {
  /** Null while the pod has no address or its serving container does not run. */
  target: PodTarget | null;
}

/** One fleet as the watch sees it, everything but the measurements. Must be cheap: it is asked for once an evaluation. */
export interface FleetState extends Omit<FleetWindow, 'pods'> {
  /** Of the FeatureServer: a later object of the same name is another one. */
  uid: string;
  spec: AutoscaleSpec;
  pods: readonly FleetPod[];
  /** `.status.autoscaling`; read only when the loop has no memory of its own, which is after a restart. */
  storedMemory: unknown;
}

/** The controller's side: reads from its stores, never from the API server. */
export interface FleetSource {
  /** `namespace/name` of each FeatureServer that should be measured (every mode is). */
  keys(): Iterable<string>;
  /** Undefined when it is gone or not to be measured. */
  fleet(key: string): FleetState | undefined;
}

/** A recommendation, when it was made, and from what. */
export interface TimedRecommendation {
  /** Milliseconds since the epoch. */
  at: number;
  /** The scale it was decided on: a recommendation for another one is stale. */
  decidedOn: Scale;
  recommendation: Recommendation;
}

/** Read by reconcile. */
export interface RecommendationReader {
  get(key: string): TimedRecommendation | undefined;
}
