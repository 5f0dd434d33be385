/**
 * ScalingActive and ScalingLimited: whether Plateau turns the knobs, and what keeps it from turning them as far as it would.
 *
 * @module
 */
import { reasons } from '../../api/reasons.ts';
import type { Reason } from '../../api/reasons.ts';
import { bounds, guards } from '../autoscale/reasons.ts';
import type { Recommendation } from '../autoscale/types.ts';
import { scalesReplicas } from './effective-mode.ts';
import type { OtherAutoscaler } from './effective-mode.ts';
import type { ReplicaRequest } from './replica-request.ts';
import { verdict } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface ScalingInput {
  mode: string;
  paused: boolean;
  accepted: number;
  request: ReplicaRequest | undefined;
  others: readonly OtherAutoscaler[];
  recommendation: Recommendation | null;
  /** Message of the quota or admission that refuses pods. */
  replicaFailure: string | null;
}

/** ScalingActive. The message also says what became of `spec.replicas`, since `/scale` has no other way to answer. */
export const scalingActive = (input: ScalingInput): Verdict => {
  if (input.paused) return verdict('False', reasons.paused, 'the annotation plateau.dev/paused freezes replicas and threads; rollouts and repair go on');
  const other = foreignScaler(input);
  if (other !== null) return other;
  if (scalesReplicas(input.mode)) return byPlateau(input);
  return bySpec(input);
};

const foreignScaler = ({ mode, others }: ScalingInput): Verdict | null => {
  const onDeployment = others.filter(({ target }) => target === 'Deployment');
  const blocking = scalesReplicas(mode) ? others : onDeployment;
  if (blocking.length === 0) return null;
  const names = blocking.map(({ name, target }) => `${name} (on the ${target})`).join(', ');
  const remedy = scalesReplicas(mode)
    ? 'delete it, or set scaling.mode to ThreadsOnly and point it at the FeatureServer'
    : 'point it at the FeatureServer instead';
  return verdict('False', reasons.anotherAutoscaler, `Plateau leaves the replicas alone because of ${names}: ${remedy}`);
};

const byPlateau = ({ mode, accepted, request, recommendation }: ScalingInput): Verdict => {
  if (request !== undefined && request.value !== accepted) {
    return verdict('True', reasons.scaleIgnored, `spec.replicas ${request.value} is ignored while scaling.mode is ${mode}: Plateau runs ${accepted}`);
  }
  if (recommendation === null) return verdict('Unknown', reasons.awaitingMetrics, 'nothing was measured yet; the fleet stays as it is');
  return verdict('True', reasons.active, mode === 'Auto' ? 'Plateau turns replicas and threads' : 'Plateau turns replicas');
};

const modeReasons: Record<string, Reason> = { ThreadsOnly: reasons.threadsOnly, Recommend: reasons.recommendOnly };

const bySpec = ({ mode, accepted, request, others }: ScalingInput): Verdict => {
  const status = mode === 'ThreadsOnly' ? 'True' : 'False';
  const reason = modeReasons[mode] ?? reasons.modeOff;
  const knobs = mode === 'ThreadsOnly' ? 'Plateau turns threads only' : `Plateau turns nothing in mode ${mode}`;
  if (request === undefined) {
    const needed = others.length > 0 ? `${others.map(({ name }) => name).join(', ')} cannot read /scale: set spec.replicas` : `set spec.replicas before kubectl scale or an autoscaler is pointed at this object`;
    return verdict(status, others.length > 0 ? reasons.replicasAbsent : reason, `${knobs}; replicas stay at ${accepted}; ${needed}`);
  }
  if (request.obeyed) return verdict(status, reason, `${knobs}; spec.replicas decides the number of pods`);
  return verdict(status, reasons.scaleIgnored, `${knobs}; spec.replicas ${request.value} dates from when Plateau scaled, so ${accepted} replicas stay: write another number to spec.replicas to have it obeyed`);
};

const reasonOfBound: Record<string, Reason> = {
  [bounds.min]: reasons.atMinimum,
  [bounds.max]: reasons.atMaximum,
  [bounds.threadsMax]: reasons.atMaximum,
  [bounds.rate]: reasons.rateLimited,
  [bounds.maxConcurrency]: reasons.maxConcurrency,
  [bounds.quota]: reasons.quotaExceeded,
  [bounds.unschedulable]: reasons.unschedulable,
  [bounds.notReady]: reasons.podsNotReady,
  [bounds.image]: reasons.imagePull,
};

/** ScalingLimited. */
export const scalingLimited = ({ recommendation, replicaFailure }: ScalingInput): Verdict => {
  if (replicaFailure !== null) return verdict('True', reasons.quotaExceeded, `pods are refused: ${replicaFailure}`);
  if (recommendation === null) return verdict('Unknown', reasons.awaitingMetrics, 'nothing was measured yet');
  const { boundBy, guard, message } = recommendation;
  if (guard === guards.scaleDownDisabled) return verdict('True', reasons.scaleDownDisabled, message);
  const reason = boundBy === null ? undefined : reasonOfBound[boundBy];
  if (reason === undefined) return verdict('False', reasons.withinLimits, 'no limit keeps the fleet from the size it should have');
  return verdict('True', reason, message);
};
