/**
 * The newest increase of replicas: whether so much of it has come that its effect can be seen.
 *
 * @module
 */
import type { Memory } from './memory.ts';

/** True while more than half of the batch has never been ready, in a fleet of `replicas` of which `everReady` pods have been. */
export const isBatchPending = (batch: Memory['batch'], replicas: number, everReady: number): boolean => {
  if (batch === null) return false;
  const size = Math.min(batch.to - batch.from, replicas);
  return size >= 1 && replicas - everReady > size / 2;
};
