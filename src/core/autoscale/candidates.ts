/**
 * The neighbours of a decision with predicted p95 and cost: recorded, so that a decision can be argued with.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { costOf } from './cost.ts';
import { fewerFullerPods } from './fuller-pods.ts';
import { predictP95 } from './predict.ts';
import { significant } from './numbers.ts';
import { isSameScale, isUnderCap } from './scale.ts';
import type { Situation } from './situation.ts';
import type { Candidate } from './types.ts';

const isAllowed = (scale: Scale, situation: Situation): boolean => {
  const { replicas, threads, processes } = situation.spec;
  const isInRange = scale.replicas >= replicas.min && scale.replicas <= replicas.max && scale.threads >= threads.min && scale.threads <= threads.max && scale.processes <= processes.max;
  return isInRange && isUnderCap(scale, situation);
};

const neighbours = (current: Scale, chosen: Scale): Scale[] => [
  current,
  chosen,
  { ...current, replicas: current.replicas + 1 },
  { ...current, replicas: current.replicas - 1 },
  { ...current, threads: current.threads * 2 },
  { ...current, threads: Math.max(1, Math.floor(current.threads / 2)) },
  { ...current, processes: current.processes + 1 },
];

/** At most eight candidates, the present and the chosen one among them. */
export const candidatesOf = (situation: Situation, chosen: Scale): Candidate[] => {
  const { current, model, demand, fullStore } = situation;
  const fuller = model === null ? null : fewerFullerPods(situation, model);
  const others = fuller === null ? [] : [{ ...current, replicas: fuller.replicas, processes: fuller.processes }];
  const distinct = [...neighbours(current, chosen), ...others].filter((scale, index, all) => all.findIndex((other) => isSameScale(scale, other)) === index);
  return distinct
    .filter((scale) => isSameScale(scale, current) || isSameScale(scale, chosen) || isAllowed(scale, situation))
    .map((scale) => {
      // What was learned at low load says nothing of a store that is full.
      const p95 = model === null || fullStore !== null ? null : predictP95(model, demand / Math.max(1, scale.replicas), scale.threads, scale.processes);
      return { ...scale, predictedP95Ms: p95 === null ? null : significant(p95), cost: costOf(scale, current) };
    });
};
