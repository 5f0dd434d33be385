/**
 * What a change would bring by the model, in pods: the second half of an advice.
 *
 * @module
 */
import { plannedRate } from '../capacity.ts';
import type { PodModel } from '../capacity.ts';
import { ceilTolerant, clamp } from '../numbers.ts';
import type { Situation } from '../situation.ts';
import { reachableThreads } from '../situation.ts';

/** Pods that the present demand would take if a pod were `model` with so many processes; null while nothing is known of the demand. */
export const podsWith = (situation: Situation, model: PodModel, processes = situation.current.processes): number | null => {
  const { demand, spec } = situation;
  const rate = plannedRate(model, reachableThreads(situation), processes);
  if (!(demand > 0) || !(rate > 0)) return null;
  return clamp(ceilTolerant(demand / rate), spec.replicas.min, spec.replicas.max);
};

/** `: with WHAT, 4 → 2 pods`; empty when it would not save one. */
export const fewerPods = (situation: Situation, pods: number | null, what: string): string => {
  const now = situation.model === null ? null : podsWith(situation, situation.model);
  return pods === null || now === null || pods >= now ? '' : `: with ${what}, ${now} → ${pods} pods`;
};
