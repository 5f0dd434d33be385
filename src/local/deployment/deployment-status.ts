/**
 * The status of a Deployment, with the conditions that Kubernetes gives it.
 *
 * @module
 */
import type { Condition, Deployment, ReplicaSet } from './schema.ts';

export interface DeploymentCounts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

/** What a status depends on. */
export interface StatusInput {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly counts: DeploymentCounts;
  /** Pods that may be missing without the Deployment being unavailable. */
  readonly maxUnavailable: number;
  /** RFC 3339. */
  readonly now: string;
}

/** Counts and conditions; `unavailableReplicas` is absent when zero, as in Kubernetes. */
export const deploymentStatus = (input: StatusInput): Record<string, unknown> => {
  const { deployment, counts } = input;
  const unavailable = Math.max(0, Math.max(deployment.spec.replicas, counts.replicas) - counts.availableReplicas);
  return {
    observedGeneration: deployment.metadata.generation,
    ...counts,
    ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
    conditions: [available(input), progressing(input), ...replicaFailure(input)],
  };
};

const finish = ({ deployment, now }: StatusInput, next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>): Condition => {
  const before = deployment.status.conditions.find(({ type }) => type === next.type);
  const same = before?.status === next.status;
  const unchanged = same && before.reason === next.reason && before.message === next.message;
  return { ...next, lastUpdateTime: unchanged ? before.lastUpdateTime : now, lastTransitionTime: same ? before.lastTransitionTime : now };
};

const available = (input: StatusInput): Condition => {
  const { deployment, counts, maxUnavailable } = input;
  const enough = counts.availableReplicas >= deployment.spec.replicas - maxUnavailable;
  return finish(input, {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
  });
};

/** True when every pod is of the present template and available, and no other is left. */
export const isComplete = (deployment: Deployment, counts: DeploymentCounts): boolean =>
  counts.updatedReplicas === deployment.spec.replicas &&
  counts.replicas === deployment.spec.replicas &&
  counts.availableReplicas >= deployment.spec.replicas;

const progressing = (input: StatusInput): Condition => {
  const { deployment, counts, current } = input;
  const name = current?.metadata.name ?? '';
  if (isComplete(deployment, counts)) {
    return finish(input, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${name}" has successfully progressed.` });
  }
  const message = `ReplicaSet "${name}" is progressing; ${counts.updatedReplicas} updated, ${counts.availableReplicas} available of ${deployment.spec.replicas}.`;
  if (deadlinePassed(input)) {
    return finish(input, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `ReplicaSet "${name}" has timed out progressing.` });
  }
  return finish(input, { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message });
};

/** Each step of progress changes the message and with it `lastUpdateTime`, so its age is the time without progress. */
const deadlinePassed = ({ deployment, now, counts }: StatusInput): boolean => {
  const before = deployment.status.conditions.find(({ type }) => type === 'Progressing');
  if (before === undefined || before.reason === 'NewReplicaSetAvailable') return false;
  if (before.reason === 'ProgressDeadlineExceeded') return deployment.status['observedGeneration'] === deployment.metadata.generation;
  const progressed = !before.message.includes(`; ${counts.updatedReplicas} updated, ${counts.availableReplicas} available`);
  if (progressed || before.lastUpdateTime === '') return false;
  return Date.parse(now) - Date.parse(before.lastUpdateTime) >= deployment.spec.progressDeadlineSeconds * 1000;
};

const replicaFailure = (input: StatusInput): Condition[] => {
  const failure = input.current?.status.conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  return failure === undefined ? [] : [finish(input, { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message: failure.message })];
};
