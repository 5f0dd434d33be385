/**
 * Reasons of conditions and events, by condition. A reason says what is the case in one word; the message beside it names
 * the object and the remedy. Reasons of scaling decisions belong to src/core/autoscale.
 *
 * @module
 */
import type { ConditionType } from './conditions.ts';

/** Something outside the operator keeps the fleet from what its spec asks. Used by Stalled, and by Ready beside it. */
const obstacles = {
  /** A child of the name exists and somebody else owns it. */
  nameTaken: 'NameTaken',
  /** The spec cannot be turned into pods: the API server refused a child, or this operator does not know the server kind. */
  invalidSpec: 'InvalidSpec',
  /** The Secret with feature_store.yaml is missing, or has no such key. */
  secretMissing: 'SecretMissing',
  /** The ConfigMap with feature_store.yaml is missing, or has no such key. */
  configMapMissing: 'ConfigMapMissing',
  /** A resource quota or another admission check refuses the pods. */
  quotaExceeded: 'QuotaExceeded',
  /** No node has room for the pods. */
  unschedulable: 'Unschedulable',
  /** The image cannot be pulled. */
  imagePull: 'ImagePull',
  /** The serving container ends again and again. */
  crashLoop: 'CrashLoop',
  /** The rollout made no progress within the Deployment's deadline. */
  deadlineExceeded: 'DeadlineExceeded',
  /** The operator may not do what is needed: its role lacks a verb. */
  forbidden: 'Forbidden',
} as const;

export const reasons = {
  ...obstacles,

  // Ready and Reconciling
  /** Every pod that is asked for is ready. */
  available: 'Available',
  /** Fewer pods are ready than are asked for. */
  podsNotReady: 'PodsNotReady',
  /** Asked for zero replicas. */
  scaledToZero: 'ScaledToZero',
  /** The operator has seen the object and not finished its first look. */
  pending: 'Pending',
  /** Children are being created or repaired. */
  applying: 'Applying',
  /** Pods of an older template are being replaced. */
  rolloutInProgress: 'RolloutInProgress',
  /** The children are what the spec asks. */
  upToDate: 'UpToDate',
  /** The object is being deleted. */
  deleting: 'Deleting',
  /** The last write failed and is tried again. */
  retrying: 'Retrying',

  // Stalled=False
  progressing: 'Progressing',

  // ScalingActive
  /** Plateau turns replicas and threads as the mode says. */
  active: 'Active',
  /** The annotation plateau.dev/paused freezes both knobs. */
  paused: 'Paused',
  /** Mode Off: nothing is turned. */
  modeOff: 'ModeOff',
  /** Mode Recommend: what Auto would do is only shown. */
  recommendOnly: 'RecommendOnly',
  /** Mode ThreadsOnly: threads are turned, replicas belong to `spec.replicas`. */
  threadsOnly: 'ThreadsOnly',
  /** A HorizontalPodAutoscaler or ScaledObject points at the same target. */
  anotherAutoscaler: 'AnotherAutoscaler',
  /** `spec.replicas` is absent, so that `/scale` cannot be read: set it before an autoscaler is pointed at the object. */
  replicasAbsent: 'ReplicasAbsent',
  /** `/scale` was written in a mode in which Plateau owns the replicas. */
  scaleIgnored: 'ScaleIgnored',
  /** Nothing can be decided before the first measurements. */
  awaitingMetrics: 'AwaitingMetrics',

  // ScalingLimited
  withinLimits: 'WithinLimits',
  atMinimum: 'AtMinimum',
  atMaximum: 'AtMaximum',
  /** `scaling.maxConcurrency` binds: the store is protected. */
  maxConcurrency: 'MaxConcurrency',
  /** `scaleUp` or `scaleDown` allows only part of the move in this period. */
  rateLimited: 'RateLimited',
  /** `scaleDown.enabled` is false. */
  scaleDownDisabled: 'ScaleDownDisabled',

  // ObjectiveMet
  objectiveMet: 'ObjectiveMet',
  objectiveMissed: 'ObjectiveMissed',
  /** The objective lies at or below what the store alone takes. */
  objectiveUnreachable: 'ObjectiveUnreachable',
  /** Too few requests for a p95. */
  noTraffic: 'NoTraffic',
  /** The server does not see its whole queue: its p95 is a lower bound and proves nothing good. */
  lowerBoundOnly: 'LowerBoundOnly',

  // MetricsHealthy
  reporting: 'Reporting',
  /** No pod reports, or all reports are stale. */
  metricsMissing: 'MetricsMissing',
  /** Too few of the pods report. */
  lowCoverage: 'LowCoverage',
  /** The numbers contradict each other (Little's law). */
  inconsistent: 'Inconsistent',
  /** A page could not be read, was too large or too slow. */
  malformed: 'MalformedMetrics',
} as const;

export type Reason = (typeof reasons)[keyof typeof reasons];

/** Reasons with which `Stalled` may be True. */
export const stalledReasons: readonly Reason[] = Object.values(obstacles);

const r = reasons;

/** Which reasons a condition may carry: the documentation is made of it, and a test compares. */
export const reasonsByCondition: Readonly<Record<ConditionType, readonly Reason[]>> = {
  Ready: [r.available, r.podsNotReady, r.scaledToZero, r.pending, r.rolloutInProgress, r.deleting, r.retrying, ...stalledReasons],
  Reconciling: [r.upToDate, r.pending, r.applying, r.rolloutInProgress, r.podsNotReady, r.retrying, r.deleting, ...stalledReasons],
  Stalled: [r.progressing, r.upToDate, ...stalledReasons],
  ScalingActive: [
    r.active, r.paused, r.modeOff, r.recommendOnly, r.threadsOnly, r.anotherAutoscaler, r.replicasAbsent, r.scaleIgnored,
    r.awaitingMetrics, r.invalidSpec,
  ],
  ScalingLimited: [
    r.withinLimits, r.atMinimum, r.atMaximum, r.maxConcurrency, r.rateLimited, r.scaleDownDisabled, r.quotaExceeded, r.unschedulable,
    r.imagePull, r.podsNotReady, r.awaitingMetrics,
  ],
  ObjectiveMet: [r.objectiveMet, r.objectiveMissed, r.objectiveUnreachable, r.noTraffic, r.lowerBoundOnly, r.metricsMissing, r.awaitingMetrics],
  MetricsHealthy: [r.reporting, r.metricsMissing, r.lowCoverage, r.inconsistent, r.malformed, r.awaitingMetrics, r.noTraffic],
};
