/**
 * What a size of the fleet costs.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { significant } from './numbers.ts';

/** Cost of a change of the pool and of a whole fleet's worth of new pods, in pods. */
const POOL_SWITCH = 0.1;
const PODS_SWITCH = 0.5;

/** Pods, plus what the change from `current` costs, in pods. */
export const costOf = (scale: Scale, current: Scale): number => {
  const isPoolMove = scale.threads !== current.threads || scale.processes !== current.processes;
  const pods = Math.abs(scale.replicas - current.replicas) / Math.max(1, current.replicas);
  return significant(scale.replicas + (isPoolMove ? POOL_SWITCH : 0) + PODS_SWITCH * pods);
};
