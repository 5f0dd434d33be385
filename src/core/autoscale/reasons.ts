/**
 * Constants for why a recommendation is what it is. Status, events and metrics use them as they stand.
 *
 * @module
 */

/** Why the scale is moved, or not. */
export const reasons = {
  steady: 'Steady',
  idle: 'Idle',
  threadsBelowFloor: 'ThreadsBelowFloor',
  threadsAboveFloor: 'ThreadsAboveFloor',
  lockContended: 'LockContended',
  storeFull: 'StoreFull',
  concurrencyCut: 'ConcurrencyCut',
  loopsBelowCores: 'LoopsBelowCores',
  processesSavePods: 'ProcessesSavePods',
  processesSpare: 'ProcessesSpare',
  capacityShort: 'CapacityShort',
  capacitySpare: 'CapacitySpare',
  latencyOverObjective: 'LatencyOverObjective',
  podsCannotHelp: 'PodsCannotHelp',
  objectiveUnreachable: 'ObjectiveUnreachable',
  metricsMissing: 'MetricsMissing',
  metricsContradict: 'MetricsContradict',
  tooFewRequests: 'TooFewRequests',
  moveUndone: 'MoveUndone',
  outsideBounds: 'OutsideBounds',
  concurrencyCap: 'ConcurrencyCap',
} as const;
export type Reason = (typeof reasons)[keyof typeof reasons];

/** The guard rail that changed the answer. */
export const guards = {
  unready: 'MostPodsUnready',
  rollout: 'RolloutInProgress',
  scaleDownDisabled: 'ScaleDownDisabled',
  restart: 'OperatorRestarted',
  stabilization: 'Stabilization',
  scaleDownRate: 'ScaleDownRate',
  batch: 'LastBatchNotReady',
  blocked: 'PodsBlocked',
  scaleUpRate: 'ScaleUpRate',
  unseen: 'LastRaiseUnseen',
  undone: 'MoveUndone',
  ineffective: 'PodsBroughtNothing',
  oneKnob: 'OneKnobAtATime',
  concurrency: 'ConcurrencyCap',
  bounds: 'Bounds',
} as const;
export type Guard = (typeof guards)[keyof typeof guards];

/** The limit that cut the answer. */
export const bounds = {
  min: 'min',
  max: 'max',
  rate: 'rate',
  threadsMax: 'threads.max',
  maxConcurrency: 'maxConcurrency',
  quota: 'quota',
  unschedulable: 'unschedulable',
  notReady: 'notReady',
  image: 'image',
} as const;
export type Bound = (typeof bounds)[keyof typeof bounds];
