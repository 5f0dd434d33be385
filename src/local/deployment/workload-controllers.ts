/**
 * Runs the Deployment and the ReplicaSet controller against an API server.
 *
 * @module
 */
import { resourceTypes } from '../../api/resource-types.ts';
import { Controller } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/keys.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import { cacheOf } from '../control-loops.ts';
import type { ControlContext } from '../control-loops.ts';
import { reconcileDeployment } from './deployment-controller.ts';
import { reconcileReplicaSet } from './replicaset-controller.ts';

/** A conflict means that another write came first: look again at once, this is one machine. */
const backoff = { baseMs: 20, maxMs: 5_000 };
/** Deadlines pass without an event. */
const progressCheckMs = 5_000;

/** Works until the signal is aborted. */
export const runWorkloadControllers = async (context: ControlContext & { readonly nodeName: string }, signal: AbortSignal): Promise<void> => {
  const deployments = cacheOf(context, resourceTypes.deployment);
  const sets = cacheOf(context, resourceTypes.replicaSet);
  const pods = cacheOf(context, resourceTypes.pod);
  const deploymentController = new Controller({
    ...context,
    name: 'deployment',
    backoff,
    reconcile: async (key, stop) => {
      const result = await reconcileDeployment(context, key, stop);
      return deployments.store.get(key) === undefined ? {} : { requeueAfterMs: progressCheckMs, ...result };
    },
  });
  const setController = new Controller({ ...context, name: 'replicaset', backoff, reconcile: (key, stop) => reconcileReplicaSet(context, key, stop) });
  deploymentController.watch(deployments.store, (object) => [keyOf(object)]);
  deploymentController.watch(sets.store, ownerKey('Deployment'));
  setController.watch(sets.store, (object) => [keyOf(object)]);
  setController.watch(pods.store, ownerKey('ReplicaSet'));
  await Promise.all([...[deployments, sets, pods].map((cache) => cache.run(signal)), deploymentController.run(signal), setController.run(signal)]);
};

const ownerKey =
  (kind: string) =>
  (object: KubeObject): string[] => {
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true && reference.kind === kind);
    return owner === undefined ? [] : [`${object.metadata.namespace ?? ''}/${owner.name}`];
  };
