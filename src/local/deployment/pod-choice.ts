/**
 * Which pods count as what, and which of them go when there are too many.
 *
 * @module
 */
import type { Pod } from './schema.ts';

const readyCondition = (pod: Pod) => pod.status.conditions.find(({ type }) => type === 'Ready');

/** Ready, by its condition. */
export const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** Not on its way out. */
export const isActive = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined && pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded';

/** Milliseconds until the pod counts as available: 0 when it does, undefined when it is not ready. */
export const availableInMs = (pod: Pod, minReadySeconds: number, now: number): number | undefined => {
  if (!isReady(pod)) return undefined;
  const since = Date.parse(readyCondition(pod)?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? 0 : Math.max(0, since + minReadySeconds * 1000 - now);
};

/**
 * The pods to delete first: those that do not run, then those that are not ready, then the youngest, which have learned
 * the least and hold the fewest connections.
 */
export const chooseVictims = (pods: readonly Pod[], count: number): Pod[] => pods.toSorted(byWorth).slice(0, Math.max(0, count));

const worth = (pod: Pod): number => (isReady(pod) ? 2 : pod.status.phase === 'Running' ? 1 : 0);

const byWorth = (left: Pod, right: Pod): number =>
  worth(left) - worth(right) ||
  right.metadata.creationTimestamp.localeCompare(left.metadata.creationTimestamp) ||
  right.metadata.name.localeCompare(left.metadata.name);
