/**
 * What a size of the fleet costs, and the neighbours of a decision with predicted p95 and cost: recorded, so that a decision can be argued with.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { predictP95 } from './predict.ts';
import { significant } from './numbers.ts';
import type { Situation } from './situation.ts';
import type { Candidate } from './types.ts';

/** Cost of a change of the pool and of a whole fleet's worth of new pods, in pods. */
const POOL_SWITCH = 0.1;
const PODS_SWITCH = 0.5;
/** A cheaper fleet has to cost less than this share of the present one: predictions err by a tenth, and moves disturb. */
export const MEANT_TO_SAVE = 0.8;

const isAllowed = (scale: Scale, { spec }: Situation): boolean =>
  scale.replicas >= spec.replicas.min && scale.replicas <= spec.replicas.max && scale.threads >= spec.threads.min && scale.threads <= spec.threads.max && scale.processes <= spec.processes.max;

const neighbours = (current: Scale, chosen: Scale): Scale[] => [
  current,
  chosen,
  { ...current, replicas: current.replicas + 1 },
  { ...current, replicas: current.replicas - 1 },
  { ...current, threads: current.threads * 2 },
  { ...current, threads: Math.max(1, Math.floor(current.threads / 2)) },
  { ...current, processes: current.processes + 1 },
];

const isSame = (a: Scale, b: Scale): boolean => a.replicas === b.replicas && a.threads === b.threads && a.processes === b.processes;

/** Pods, plus what the change from `current` costs, in pods. */
export const costOf = (scale: Scale, current: Scale): number => {
  const isPoolMove = scale.threads !== current.threads || scale.processes !== current.processes;
  const pods = Math.abs(scale.replicas - current.replicas) / Math.max(1, current.replicas);
  return significant(scale.replicas + (isPoolMove ? POOL_SWITCH : 0) + PODS_SWITCH * pods);
};

/** At most seven candidates, the present and the chosen one among them. */
export const candidatesOf = (situation: Situation, chosen: Scale): Candidate[] => {
  const { current, model, demand } = situation;
  const distinct = neighbours(current, chosen).filter((scale, index, all) => all.findIndex((other) => isSame(scale, other)) === index);
  return distinct
    .filter((scale) => isSame(scale, current) || isSame(scale, chosen) || isAllowed(scale, situation))
    .map((scale) => {
      const p95 = model === null ? null : predictP95(model, demand / Math.max(1, scale.replicas), scale.threads, scale.processes);
      return { ...scale, predictedP95Ms: p95 === null ? null : significant(p95), cost: costOf(scale, current) };
    });
};
