/**
 * Condition types of a FeatureServer. `Reconciling` and `Stalled` are those of kstatus: kubectl wait, Flux and Argo CD read them.
 *
 * @module
 */

export const conditionTypes = {
  /** The pods that are asked for are there and ready. */
  ready: 'Ready',
  /** True while children are on their way to what the spec asks. A move of the autoscaler is no reconciliation. */
  reconciling: 'Reconciling',
  /** True when nothing more will happen until somebody acts. */
  stalled: 'Stalled',
  /** Whether Plateau turns the knobs of this fleet. */
  scalingActive: 'ScalingActive',
  /** True when a limit keeps the fleet from the size it should have. */
  scalingLimited: 'ScalingLimited',
  /** Whether the p95 keeps the objective; Unknown when that cannot be measured. */
  objectiveMet: 'ObjectiveMet',
  /** Whether the measurements can carry a decision. */
  metricsHealthy: 'MetricsHealthy',
} as const;

export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes];

/** In the order in which they stand in the status. */
export const conditionOrder: readonly ConditionType[] = Object.values(conditionTypes);
