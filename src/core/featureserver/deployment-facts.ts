/**
 * What a reconcile reads from a Deployment.
 *
 * @module
 */
import { fieldManagers } from '../../api/names.ts';
import { appliedFields, ownersOf } from './field-ownership.ts';
import { isRecord, at, numberAt, recordsAt, textAt } from './manifest.ts';
import type { Manifest } from './manifest.ts';

export interface DeploymentFacts {
  uid: string;
  resourceVersion: string;
  /** `spec.replicas`. */
  replicas: number;
  /** Managers that own `spec.replicas`. */
  replicaOwners: string[];
  /** The scale manager owns more than the number: a creation that was cut short. */
  scaleOwnsTemplate: boolean;
  /** The controller has seen the newest spec. */
  observed: boolean;
  statusReplicas: number;
  updatedReplicas: number;
  readyReplicas: number;
  availableReplicas: number;
  /** Message of ReplicaFailure (a quota, an admission), when that condition is True. */
  replicaFailure: string | null;
  /** Message of Progressing, when the progress deadline has passed. */
  progressDeadlineExceeded: string | null;
  /** Annotations of the pod template. */
  templateAnnotations: Record<string, string>;
}

/** Reads a Deployment; absent counts are zero, as the API server leaves zeros out. */
export const deploymentFacts = (object: Manifest): DeploymentFacts => ({
  uid: object.metadata.uid ?? '',
  resourceVersion: object.metadata.resourceVersion ?? '',
  replicas: numberAt(object, 1, 'spec', 'replicas'),
  replicaOwners: ownersOf(object, 'spec', 'replicas'),
  scaleOwnsTemplate: at(appliedFields(object, fieldManagers.scale), 'f:spec', 'f:template') !== undefined,
  observed: numberAt(object, 0, 'status', 'observedGeneration') >= (object.metadata.generation ?? 0),
  statusReplicas: numberAt(object, 0, 'status', 'replicas'),
  updatedReplicas: numberAt(object, 0, 'status', 'updatedReplicas'),
  readyReplicas: numberAt(object, 0, 'status', 'readyReplicas'),
  availableReplicas: numberAt(object, 0, 'status', 'availableReplicas'),
  replicaFailure: conditionMessage(object, 'ReplicaFailure', 'True'),
  progressDeadlineExceeded: conditionMessage(object, 'Progressing', 'False'),
  templateAnnotations: stringMap(at(object, 'spec', 'template', 'metadata', 'annotations')),
});

const conditionMessage = (object: Manifest, type: string, status: string): string | null => {
  const found = recordsAt(object, 'status', 'conditions').find((condition) => condition['type'] === type && condition['status'] === status);
  return found === undefined ? null : (textAt(found, 'message') ?? textAt(found, 'reason') ?? type);
};

const stringMap = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : []))) : {};
