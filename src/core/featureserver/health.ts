/**
 * Ready, Reconciling and Stalled, so that kstatus (kubectl wait, Flux, Argo CD) reads Current, InProgress or Failed rightly
 * at each moment. A move of the autoscaler is no reconciliation.
 *
 * @module
 */
import { conditionTypes } from '../../api/conditions.ts';
import type { Condition, FeatureServerStatus } from '../../api/featureserver-status.ts';
import { reasons } from '../../api/reasons.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import type { Observed } from './observed.ts';
import { findObstacle } from './obstacle.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { conditionsOf, verdict } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface HealthInput {
  observed: Observed;
  plan: Plan;
  outcome: Outcome;
  /** Replicas accepted in this reconcile. */
  accepted: number;
}

export interface Health {
  Ready: Verdict;
  Reconciling: Verdict;
  Stalled: Verdict;
}

/** Conditions of the very first status, written before any child exists: kstatus takes an object without conditions for Current. */
export const pendingHealth = (): Health => ({
  Ready: verdict('Unknown', reasons.pending, 'the operator has seen the object and begins'),
  Reconciling: verdict('True', reasons.pending, 'the operator has seen the object and begins'),
  Stalled: verdict('False', reasons.progressing, 'nothing is in the way'),
});

/** Conditions of an object that this version cannot read; the other conditions stand as they were. */
export const unreadableConditions = (problem: string, { conditions = [] }: FeatureServerStatus, generation: number, now: number): Condition[] => {
  const stopped = verdict('False', reasons.invalidSpec, `this operator cannot read the object: ${problem}`);
  const own = conditionsOf({ Ready: stopped, Reconciling: stopped, Stalled: { ...stopped, status: 'True' } }, conditions, generation, now);
  return [...own, ...conditions.filter(({ type }) => !own.some((condition) => condition.type === type))];
};

/** The three conditions from pods, Deployment and what came of the writes. */
export const healthOf = (input: HealthInput): Health => {
  const progress = progressOf(input);
  const obstacle = findObstacle({ ...input, incomplete: progress.incomplete });
  const ready = readiness(input, progress);
  if (obstacle !== null) {
    const stopped = verdict('False', obstacle.reason, obstacle.message);
    // Pods of the former template go on serving behind a failed rollout, yet the spec is not fulfilled.
    return { Ready: stopped, Reconciling: stopped, Stalled: verdict('True', obstacle.reason, obstacle.message) };
  }
  const stalled = verdict('False', progress.incomplete ? reasons.progressing : reasons.upToDate, 'nothing is in the way');
  return { Ready: ready, Reconciling: reconciling(input, progress), Stalled: stalled };
};

interface Progress {
  rolling: boolean;
  /** Not all that was asked for is there yet. */
  incomplete: boolean;
  available: number;
  needed: number;
}

const progressOf = ({ observed, outcome, accepted }: HealthInput): Progress => {
  const { deployment, featureServer } = observed;
  const previous = featureServer.status?.conditions?.find(({ type }) => type === conditionTypes.ready);
  const wasReady = previous?.status === 'True';
  const rolling = deployment === null || outcome.templateApplied || isRolling(deployment, wasReady, accepted);
  // Once complete, a fleet stays Ready while the autoscaler adds pods: what it must keep is the minimum.
  const needed = wasReady && !rolling ? Math.min(accepted, featureServer.spec.scaling.replicas.min) : accepted;
  const available = deployment?.availableReplicas ?? 0;
  return { rolling, incomplete: rolling || available < needed, available, needed };
};

const isRolling = (deployment: DeploymentFacts, wasReady: boolean, accepted: number): boolean => {
  if (deployment.updatedReplicas < deployment.statusReplicas) return true;
  return !wasReady && (!deployment.observed || deployment.updatedReplicas < accepted);
};

const readiness = ({ accepted, outcome }: HealthInput, { rolling, incomplete, available, needed }: Progress): Verdict => {
  if (outcome.failures.length > 0) return verdict('Unknown', reasons.retrying, failureMessage(outcome));
  if (accepted === 0 && !rolling) return verdict('True', reasons.scaledToZero, 'zero replicas are asked for');
  if (rolling) return verdict('False', reasons.rolloutInProgress, `rollout in progress: ${available} of ${accepted} pods are available`);
  if (incomplete) return verdict('False', reasons.podsNotReady, `${available} pods are available, ${needed} are needed`);
  return verdict('True', reasons.available, 'the pods that are needed are available');
};

const reconciling = ({ accepted, outcome }: HealthInput, { rolling, incomplete, available, needed }: Progress): Verdict => {
  if (outcome.failures.length > 0) return verdict('True', reasons.retrying, failureMessage(outcome));
  if (rolling) return verdict('True', reasons.rolloutInProgress, `${available} of ${accepted} pods are available`);
  if (incomplete) return verdict('True', reasons.podsNotReady, `${available} pods are available, ${needed} are needed`);
  return verdict('False', reasons.upToDate, 'the children are what the spec asks');
};

const failureMessage = ({ failures }: Outcome): string => failures.map(({ message }) => message).join('; ');
