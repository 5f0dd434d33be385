/**
 * How many pods each ReplicaSet of a Deployment should have next: a rolling update without losing capacity.
 *
 * @module
 */

export interface SetSize {
  /** Name of the ReplicaSet. */
  readonly name: string;
  /** What was asked of it. */
  readonly replicas: number;
  readonly available: number;
}

export interface RolloutInput {
  readonly replicas: number;
  /** The ReplicaSet of the present template. */
  readonly current: SetSize;
  /** All others, oldest first. */
  readonly old: readonly SetSize[];
  readonly strategy: 'RollingUpdate' | 'Recreate';
  /** Pods above and below `replicas` during an update, already in whole pods. */
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

const sum = (sets: readonly SetSize[], field: 'replicas' | 'available'): number => sets.reduce((total, set) => total + set[field], 0);

/**
 * Whole pods of a number or a percentage of `total`; surge rounds up, unavailability down. Both zero would never move,
 * so one pod may then be unavailable, as in Kubernetes.
 */
export const resolveFence = (total: number, surge: number | string, unavailable: number | string): { maxSurge: number; maxUnavailable: number } => {
  const maxSurge = wholePods(surge, total, Math.ceil);
  const maxUnavailable = wholePods(unavailable, total, Math.floor);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
};

const wholePods = (value: number | string, total: number, round: (value: number) => number): number => {
  const amount = typeof value === 'string' && value.endsWith('%') ? round((Number(value.slice(0, -1)) / 100) * total) : Number(value);
  return Number.isFinite(amount) ? Math.max(0, amount) : 0;
};

/** Desired size of each ReplicaSet by name; one step, to be repeated as pods come and go. */
export const nextSizes = (input: RolloutInput): Map<string, number> => {
  const sizes = new Map([input.current, ...input.old].map(({ name, replicas }) => [name, replicas]));
  const oldTotal = sum(input.old, 'replicas');
  if (oldTotal === 0) return sizes.set(input.current.name, input.replicas);
  if (input.strategy === 'Recreate') return recreate(input, sizes);
  sizes.set(input.current.name, grown(input, oldTotal));
  shrinkOld(input, sizes);
  return sizes;
};

const recreate = (input: RolloutInput, sizes: Map<string, number>): Map<string, number> => {
  for (const { name } of input.old) sizes.set(name, 0);
  // The new pods come when the last old one is gone, which the caller sees as old sets of size 0.
  return sizes.set(input.current.name, 0);
};

const grown = ({ current, replicas, maxSurge }: RolloutInput, oldTotal: number): number => {
  if (current.replicas > replicas) return replicas;
  const room = Math.max(0, replicas + maxSurge - current.replicas - oldTotal);
  return Math.min(replicas, current.replicas + room);
};

const shrinkOld = (input: RolloutInput, sizes: Map<string, number>): void => {
  const { replicas, maxUnavailable, current, old } = input;
  const total = current.replicas + sum(old, 'replicas');
  const newUnavailable = current.replicas - current.available;
  // Pods that may go without falling below the fence, counting new pods that are not available as not there.
  let spare = Math.max(0, total - (replicas - maxUnavailable) - newUnavailable);
  // Old pods that are not available serve nobody: they go first.
  for (const { name, replicas: size, available } of old) spare -= take(sizes, name, Math.min(spare, size - available));
  let availableSpare = Math.max(0, Math.min(spare, current.available + sum(old, 'available') - (replicas - maxUnavailable)));
  for (const { name } of old) availableSpare -= take(sizes, name, availableSpare);
};

const take = (sizes: Map<string, number>, name: string, count: number): number => {
  const size = sizes.get(name) ?? 0;
  const taken = Math.max(0, Math.min(size, count));
  sizes.set(name, size - taken);
  return taken;
};
