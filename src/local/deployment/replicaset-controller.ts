/**
 * The ReplicaSet controller: as many pods as asked for.
 *
 * @module
 */
import { resourceTypes } from '../../api/resource-types.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import { parseKey } from '../../runtime/keys.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import type { ControlContext } from '../control-loops.ts';
import { availableInMs, chooseVictims, isActive, isReady } from './pod-choice.ts';
import { controlledBy, podSchema, replicaSetSchema } from './schema.ts';
import type { Condition, Pod, ReplicaSet } from './schema.ts';

const fieldManager = 'plateau-local-replicaset';
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Creates or deletes pods of one ReplicaSet and writes its status. */
export const reconcileReplicaSet = async (context: ControlContext & { readonly nodeName: string }, key: string, signal: AbortSignal): Promise<ReconcileResult> => {
  const { namespace = '', name } = parseKey(key);
  const object = await getOrUndefined(context, { namespace, name }, signal);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return {};
  const set = replicaSetSchema.parse(object);
  const pods = await ownPods(context, set, signal);
  const refusal = await balance(context, set, pods, signal);
  return writeStatus(context, object, { set, pods, refusal, signal });
};

const getOrUndefined = async ({ client }: ControlContext, key: { namespace: string; name: string }, signal: AbortSignal): Promise<KubeObject | undefined> => {
  try {
    return await client.get(resourceTypes.replicaSet, key, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
};

const ownPods = async ({ client }: ControlContext, set: ReplicaSet, signal: AbortSignal): Promise<Pod[]> => {
  const labelSelector = Object.entries(set.spec.selector.matchLabels).map(([key, value]) => `${key}=${value}`).join(',');
  const { items } = await client.list(resourceTypes.pod, { namespace: set.metadata.namespace, labelSelector, signal });
  return items.map((item) => podSchema.parse(item)).filter((pod) => controlledBy(pod, set.metadata.uid));
};

/** Returns why a pod could not be created; undefined when all went well. */
const balance = async (context: ControlContext & { readonly nodeName: string }, set: ReplicaSet, pods: readonly Pod[], signal: AbortSignal): Promise<string | undefined> => {
  const active = pods.filter(isActive);
  const missing = set.spec.replicas - active.length;
  try {
    for (let index = 0; index < missing; index++) await createPod(context, set, signal);
  } catch (error) {
    if (isApiError(error, 'Forbidden', 'Invalid')) return error.message;
    throw error;
  }
  for (const { metadata } of chooseVictims(active, -missing)) await deletePod(context, metadata, signal);
  return undefined;
};

const createPod = async ({ client, random, nodeName }: ControlContext & { readonly nodeName: string }, set: ReplicaSet, signal: AbortSignal): Promise<void> => {
  const { name, namespace, uid } = set.metadata;
  const suffix = Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  const { metadata, spec } = set.spec.template;
  const body: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${suffix}`,
      namespace,
      labels: metadata.labels,
      annotations: metadata.annotations,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    // One machine needs no scheduler.
    spec: { ...spec, nodeName },
  };
  await client.create(resourceTypes.pod, body, { fieldManager, signal });
};

const deletePod = async ({ client }: ControlContext, { namespace, name, uid }: Pod['metadata'], signal: AbortSignal): Promise<void> => {
  try {
    await client.delete(resourceTypes.pod, { namespace, name }, { uid, signal });
  } catch (error) {
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
};

interface Outcome {
  readonly set: ReplicaSet;
  /** Before pods were created or deleted; the watch brings the next reconcile. */
  readonly pods: readonly Pod[];
  readonly refusal: string | undefined;
  readonly signal: AbortSignal;
}

const writeStatus = async ({ client, clock }: ControlContext, object: KubeObject, { set, pods, refusal, signal }: Outcome): Promise<ReconcileResult> => {
  const active = pods.filter(isActive);
  const waits = active.map((pod) => availableInMs(pod, set.spec.minReadySeconds, clock.now()));
  const status = {
    replicas: active.length,
    fullyLabeledReplicas: active.length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: set.metadata.generation,
    conditions: refusal === undefined ? [] : [failure(set, refusal, clock.now())],
  };
  if (!sameStatus(status, set)) {
    await client.replace(resourceTypes.replicaSet, { ...object, metadata: { ...object.metadata }, status }, { fieldManager, subresource: 'status', signal });
  }
  const soonest = Math.min(...waits.filter((wait) => wait !== undefined && wait > 0).map(Number));
  return Number.isFinite(soonest) ? { requeueAfterMs: soonest + 1 } : refusal === undefined ? {} : { requeueAfterMs: 5_000 };
};

const failure = (set: ReplicaSet, message: string, now: number): Condition => {
  const before = set.status.conditions.find(({ type }) => type === 'ReplicaFailure');
  const at = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastUpdateTime: at, lastTransitionTime: before?.lastTransitionTime ?? at };
};

const sameStatus = (status: { replicas: number; readyReplicas: number; availableReplicas: number; observedGeneration: number; conditions: Condition[] }, set: ReplicaSet): boolean =>
  status.replicas === set.status.replicas &&
  status.readyReplicas === set.status.readyReplicas &&
  status.availableReplicas === set.status.availableReplicas &&
  status.observedGeneration === set.status.observedGeneration &&
  status.conditions.length === set.status.conditions.length &&
  status.conditions[0]?.message === set.status.conditions[0]?.message;
