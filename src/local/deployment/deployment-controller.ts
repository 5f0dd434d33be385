/**
 * The Deployment controller: one ReplicaSet for each pod template, moved from the old to the new step by step.
 *
 * Everything is read from the API server at each step and not from a cache: a machine has few pods, and a stale cache
 * would create too many.
 *
 * @module
 */
import { resourceTypes } from '../../api/resource-types.ts';
import { parseKey } from '../../runtime/keys.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import type { ControlContext } from '../control-loops.ts';
import { isComplete, deploymentStatus } from './deployment-status.ts';
import type { DeploymentCounts } from './deployment-status.ts';
import { nextSizes, resolveFence } from './rolling-update.ts';
import { controlledBy, deploymentSchema, replicaSetSchema, templateHashLabel } from './schema.ts';
import type { Deployment, ReplicaSet } from './schema.ts';
import { templateHash } from './template-hash.ts';

const fieldManager = 'plateau-local-deployment';
const revision = 'deployment.kubernetes.io/revision';

/** Brings one Deployment a step nearer to its spec. */
export const reconcileDeployment = async (context: ControlContext, key: string, signal: AbortSignal): Promise<ReconcileResult> => {
  const { namespace = '', name } = parseKey(key);
  const object = await getOrUndefined(context, { namespace, name }, signal);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return {};
  const deployment = deploymentSchema.parse(object);
  const sets = await ownSets(context, deployment, signal);
  const hash = templateHash(deployment.spec.template);
  const current = sets.find(({ metadata }) => metadata.labels[templateHashLabel] === hash);
  const old = sets.filter((set) => set !== current);
  if (current === undefined && !deployment.spec.paused) {
    await createSet(context, deployment, object, { hash, old, signal });
    return { requeueAfterMs: 1 };
  }
  if (current !== undefined) await resize(context, deployment, { current, old, signal });
  await writeStatus(context, object, deployment, { current, sets, signal });
  return {};
};

const getOrUndefined = async ({ client }: ControlContext, key: { namespace: string; name: string }, signal: AbortSignal): Promise<KubeObject | undefined> => {
  try {
    return await client.get(resourceTypes.deployment, key, { signal });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
};

const ownSets = async ({ client }: ControlContext, { metadata }: Deployment, signal: AbortSignal): Promise<ReplicaSet[]> => {
  const { items } = await client.list(resourceTypes.replicaSet, { namespace: metadata.namespace, signal });
  return items
    .map((item) => replicaSetSchema.parse(item))
    .filter((set) => controlledBy(set, metadata.uid) && set.metadata.deletionTimestamp === undefined)
    .toSorted((left, right) => revisionOf(left) - revisionOf(right));
};

const revisionOf = (set: ReplicaSet): number => Number(set.metadata.annotations[revision] ?? 0);

interface Creation {
  readonly hash: string;
  readonly old: readonly ReplicaSet[];
  readonly signal: AbortSignal;
}

const createSet = async ({ client }: ControlContext, deployment: Deployment, object: KubeObject, { hash, old, signal }: Creation): Promise<void> => {
  const { name, namespace, uid } = deployment.metadata;
  const { template, selector, minReadySeconds, replicas } = deployment.spec;
  const labels = { ...template.metadata.labels, [templateHashLabel]: hash };
  const fresh = old.every((set) => set.spec.replicas === 0);
  const body: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: { [revision]: String(Math.max(0, ...old.map(revisionOf)) + 1) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: object.kind ?? 'Deployment', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      replicas: fresh ? replicas : 0,
      minReadySeconds,
      selector: { matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  await client.create(resourceTypes.replicaSet, body, { fieldManager, signal });
};

interface Sets {
  readonly current: ReplicaSet;
  readonly old: readonly ReplicaSet[];
  readonly signal: AbortSignal;
}

const sizeOf = (set: ReplicaSet) => ({ name: set.metadata.name, replicas: set.spec.replicas, available: set.status.availableReplicas });

const resize = async (context: ControlContext, deployment: Deployment, { current, old, signal }: Sets): Promise<void> => {
  const { replicas, strategy, paused } = deployment.spec;
  const { maxSurge, maxUnavailable } = fence(deployment);
  const sizes = nextSizes({
    replicas,
    current: sizeOf(current),
    // Only a set whose pods are really gone counts as empty: Recreate waits for that.
    old: old.map(sizeOf),
    strategy: strategy.type,
    maxSurge,
    maxUnavailable,
  });
  const gone = strategy.type !== 'Recreate' || old.every((set) => set.status.replicas === 0);
  for (const set of [...old, current]) {
    const wanted = sizes.get(set.metadata.name) ?? set.spec.replicas;
    if (wanted === set.spec.replicas || paused || (set === current && wanted > set.spec.replicas && !gone)) continue;
    await writeSize(context, set, wanted, signal);
  }
};

const fence = ({ spec }: Deployment) => resolveFence(spec.replicas, spec.strategy.rollingUpdate.maxSurge, spec.strategy.rollingUpdate.maxUnavailable);

const writeSize = async ({ client }: ControlContext, { metadata }: ReplicaSet, replicas: number, signal: AbortSignal): Promise<void> => {
  const { namespace, name, resourceVersion } = metadata;
  const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name, namespace, resourceVersion }, spec: { replicas } };
  await client.replace(resourceTypes.replicaSet, body, { fieldManager, subresource: 'scale', signal });
};

interface Written {
  readonly current: ReplicaSet | undefined;
  readonly sets: readonly ReplicaSet[];
  readonly signal: AbortSignal;
}

const writeStatus = async ({ client, clock }: ControlContext, object: KubeObject, deployment: Deployment, { current, sets, signal }: Written): Promise<void> => {
  const counts = countsOf(current, sets);
  const now = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  const { maxUnavailable } = fence(deployment);
  const status = deploymentStatus({ deployment, current, counts, maxUnavailable: isComplete(deployment, counts) ? 0 : maxUnavailable, now });
  if (same(status, deployment.status)) return;
  await client.replace(resourceTypes.deployment, { ...object, metadata: { ...object.metadata }, status }, { fieldManager, subresource: 'status', signal });
};

const countsOf = (current: ReplicaSet | undefined, sets: readonly ReplicaSet[]): DeploymentCounts => {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number => sets.reduce((total, { status }) => total + status[field], 0);
  return {
    replicas: sum('replicas'),
    updatedReplicas: current?.status.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
  };
};

/** Equal but for the order of fields; a status that is already there is not written again. */
const same = (wanted: Record<string, unknown>, there: Record<string, unknown>): boolean =>
  Object.keys(there).every((key) => key in wanted) &&
  Object.entries(wanted).every(([key, value]) => {
    const other = there[key];
    return JSON.stringify(value) === JSON.stringify(other ?? (typeof value === 'number' ? 0 : undefined)) || sameConditions(value, other);
  });

const sameConditions = (left: unknown, right: unknown): boolean => Array.isArray(left) && Array.isArray(right) && JSON.stringify(left.map(sortKeys)) === JSON.stringify(right.map(sortKeys));

const sortKeys = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))) : value;
