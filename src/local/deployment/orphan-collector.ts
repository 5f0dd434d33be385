/**
 * Deletes what belongs to an owner that is gone. A control plane of etcd and kube-apiserver alone has no garbage
 * collector; the embedded API server does this itself.
 *
 * @module
 */
import { apiVersionOf, resourceTypes } from '../../api/resource-types.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { KubeObject, OwnerReference, ResourceType } from '../../runtime/ports.ts';
import { sleep } from '../../runtime/waiting.ts';
import type { ControlContext } from '../control-loops.ts';

/** Kinds that have owners here, and the owners. */
const owners = [resourceTypes.featureServer, resourceTypes.deployment, resourceTypes.replicaSet];
const dependents: readonly ResourceType[] = [
  resourceTypes.deployment,
  resourceTypes.replicaSet,
  resourceTypes.pod,
  resourceTypes.service,
  resourceTypes.serviceAccount,
  resourceTypes.configMap,
  resourceTypes.secret,
  resourceTypes.disruptionBudget,
  resourceTypes.networkPolicy,
];
const periodMs = 2_000;

/** Looks every two seconds until the signal is aborted. */
export const runOrphanCollector = async (context: ControlContext, signal: AbortSignal): Promise<void> => {
  while (await sleep(context.clock, periodMs, signal)) {
    try {
      await collectOrphans(context, signal);
    } catch (error) {
      if (!signal.aborted) context.logger.warn('looking for orphans failed; trying again', { error });
    }
  }
};

/** Deletes each object whose controlling owner, of a kind that is known here, does not exist any more. */
export const collectOrphans = async ({ client }: ControlContext, signal: AbortSignal): Promise<void> => {
  // Dependents before owners: an owner made in between must not look missing.
  const lists = [];
  for (const type of dependents) lists.push({ type, items: (await client.list(type, { signal })).items });
  const living = new Set<string>();
  for (const type of owners) for (const { metadata } of (await client.list(type, { signal })).items) living.add(metadata.uid ?? '');
  for (const { type, items } of lists) {
    for (const item of items.filter((object) => isOrphan(object, living))) await remove(client, type, item, signal);
  }
};

const isOrphan = ({ metadata }: KubeObject, living: ReadonlySet<string>): boolean => {
  const known = (metadata.ownerReferences ?? []).filter(isKnown);
  return metadata.deletionTimestamp === undefined && known.length > 0 && known.every(({ uid }) => !living.has(uid));
};

const isKnown = ({ apiVersion, kind }: OwnerReference): boolean => owners.some((type) => type.kind === kind && apiVersionOf(type) === apiVersion);

const remove = async (client: ControlContext['client'], type: ResourceType, { metadata }: KubeObject, signal: AbortSignal): Promise<void> => {
  const { name = '', namespace, uid } = metadata;
  try {
    await client.delete(type, { name, ...(namespace === undefined ? {} : { namespace }) }, { signal, ...(uid === undefined ? {} : { uid }) });
  } catch (error) {
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
  }
};
