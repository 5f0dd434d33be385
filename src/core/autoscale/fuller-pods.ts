/**
 * Fewer pods with more processes in each: looked for at rest only, because nothing is short and nothing is urgent.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { costOf } from './cost.ts';
import { cpuBound, plannedRate, threadFloor } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import { ceilTolerant, clamp } from './numbers.ts';
import { predictP95 } from './predict.ts';
import { isUnderCap } from './scale.ts';
import { movesReplicas, reachableProcesses, reachableThreads, runningProcesses } from './situation.ts';
import type { Situation } from './situation.ts';

/** A cheaper fleet has to cost less than this share of the present one: predictions err by a tenth, and moves disturb. */
const WORTH_IT = 0.8;

export interface FullerPods extends Scale {
  /** Pods that the demand takes with the processes that there are. */
  asTheyAre: number;
}

/** Requests per second, with as many for each pod that did not report as it is planned for. */
export const demandAtMost = (situation: Situation, model: PodModel): number =>
  situation.demand + situation.facts.pods.silent * plannedRate(model, reachableThreads(situation), runningProcesses(situation));

/** Where something is short, moving, unknown or missed, pods are not made fuller. A pod without a limit may have any number of cores, or none. */
const isAtRest = ({ class: found, memory, fleet, facts, now, spec, current, model }: Situation): boolean =>
  (found === 'OK' || found === 'GIL' || found === 'LOOP') &&
  memory.overObjective === 0 &&
  memory.batch === null &&
  !fleet.rollingOut &&
  now - memory.watchedSince >= spec.scaleDown.stabilizationMs &&
  facts.processes === current.processes &&
  model?.coreLimit !== null;

const canShrink = ({ spec, current }: Situation): boolean => movesReplicas(spec) && spec.scaleDown.enabled && current.replicas > spec.replicas.min;

/** The fleet that serves the demand with so many processes in a pod; null where p95 would not meet the objective. */
const fleetWith = (situation: Situation, model: PodModel, processes: number): Scale | null => {
  const { spec } = situation;
  const threads = reachableThreads(situation);
  const demand = demandAtMost(situation, model);
  const replicas = clamp(ceilTolerant(demand / plannedRate(model, threads, processes)), spec.replicas.min, spec.replicas.max);
  const p95 = predictP95(model, demand / replicas, threads, processes);
  return p95 !== null && p95 <= spec.objectiveMs ? { replicas, processes, threads: situation.current.threads } : null;
};

/** The cheapest fleet of fewer, fuller pods, where it saves enough over what the present processes need. */
export const fewerFullerPods = (situation: Situation, model: PodModel): FullerPods | null => {
  const { current } = situation;
  if (!canShrink(situation) || !isAtRest(situation)) return null;
  // Threads that are too few come first: the cap on concurrency may not have room for both.
  if (threadFloor(model, situation.demand / Math.max(1, current.replicas), current.processes) > current.threads) return null;
  const asTheyAre = Math.min(current.replicas, fleetWith(situation, model, current.processes)?.replicas ?? Infinity);
  let best: FullerPods | null = null;
  for (let processes = current.processes + 1; processes <= reachableProcesses(situation) && cpuBound(model, processes) > cpuBound(model, processes - 1); processes += 1) {
    // While the pods are still as many, all of them ask the store with the new processes.
    const fleet = isUnderCap({ ...current, processes }, situation) ? fleetWith(situation, model, processes) : null;
    if (fleet !== null && costOf(fleet, current) < (best === null ? WORTH_IT * asTheyAre : costOf(best, current))) best = { ...fleet, asTheyAre };
  }
  return best;
};
