/**
 * How many processes each pod should have.
 *
 * @module
 */
import { costOf, MEANT_TO_SAVE } from './candidates.ts';
import { cpuBound, plannedRate } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import { ceilTolerant, clamp, significant } from './numbers.ts';
import { predictP95 } from './predict.ts';
import { reasons } from './reasons.ts';
import { keepsPool, movesPool, movesReplicas, reachableProcesses, reachableThreads } from './situation.ts';
import type { Situation } from './situation.ts';
import type { WantedKnob } from './wanted-threads.ts';

/** One process less only where that leaves a quarter of the slots and the CPU free. */
const WORTH_LESS = 0.75;

const moreProcesses = (situation: Situation, model: PodModel): number | null => {
  const { demand, current, spec } = situation;
  const threads = reachableThreads(situation);
  const isShort = (processes: number) => demand > plannedRate(model, threads, processes) * current.replicas;
  if (!isShort(current.processes)) return null;
  let processes = current.processes;
  while (processes < spec.processes.max && isShort(processes) && cpuBound(model, processes + 1) > cpuBound(model, processes)) processes += 1;
  return processes > current.processes ? processes : null;
};

interface Fleet {
  processes: number;
  replicas: number;
}

/** The fleet that serves the demand, silent pods counted as busy, with so many processes in a pod; null where p95 would not meet the objective. */
const fleetWith = (situation: Situation, model: PodModel, processes: number): Fleet | null => {
  const { demand, current, facts, spec } = situation;
  const threads = reachableThreads(situation);
  const assumed = demand + facts.pods.silent * plannedRate(model, threads, current.processes);
  const replicas = clamp(ceilTolerant(assumed / plannedRate(model, threads, processes)), spec.replicas.min, spec.replicas.max);
  const p95 = predictP95(model, assumed / replicas, threads, processes);
  return p95 !== null && p95 <= spec.objectiveMs ? { processes, replicas } : null;
};

/** The cheapest fleet of fewer pods with more processes in each, where that saves enough over what the present processes need. */
const fewerFullerPods = (situation: Situation, model: PodModel): Fleet | null => {
  const { current, spec } = situation;
  if (!movesReplicas(spec) || !spec.scaleDown.enabled || current.replicas <= spec.replicas.min) return null;
  const cost = (fleet: Fleet): number => costOf({ ...current, ...fleet }, current);
  const asTheyAre = Math.min(current.replicas, fleetWith(situation, model, current.processes)?.replicas ?? Infinity);
  let best: Fleet | null = null;
  for (let processes = current.processes + 1; processes <= reachableProcesses(situation) && cpuBound(model, processes) > cpuBound(model, processes - 1); processes += 1) {
    const fleet = fleetWith(situation, model, processes);
    if (fleet !== null && cost(fleet) < (best === null ? MEANT_TO_SAVE * asTheyAre : cost(best))) best = fleet;
  }
  return best;
};

const fewerProcesses = ({ demand, current, spec }: Situation, model: PodModel): number | null => {
  if (current.replicas > spec.replicas.min || current.processes <= spec.processes.min) return null;
  const fewer = current.processes - 1;
  const slots = current.processes * current.threads;
  return demand < WORTH_LESS * plannedRate(model, Math.max(1, Math.floor(slots / fewer)), fewer) * current.replicas ? fewer : null;
};

const raised = (situation: Situation, model: PodModel): WantedKnob | null => {
  const more = moreProcesses(situation, model);
  if (more !== null) {
    return { value: more, reason: reasons.loopsBelowCores, because: `a process uses at most one core and ${significant(situation.demand, 3)} requests/s need more of them` };
  }
  const fleet = fewerFullerPods(situation, model);
  if (fleet === null) return null;
  const { replicas, processes } = fleet;
  const because = `a process uses at most one core: with ${processes} in each, ${replicas} ${replicas === 1 ? 'pod serves' : 'pods serve'} what ${situation.current.replicas} do`;
  return { value: processes, reason: reasons.processesSavePods, because };
};

/** Processes in each pod: up to the cores before more pods, and where that saves pods; down only when the fleet is at its least pods. */
export const wantedProcesses = (situation: Situation): WantedKnob => {
  const { current, spec, model, gap, fullStore, class: found } = situation;
  const steady = { value: current.processes, reason: reasons.steady, because: '' };
  if (!movesPool(spec) || model === null || !model.singleCore || gap !== null) return steady;
  const more = keepsPool.has(found) || fullStore !== null ? null : raised(situation, model);
  if (more !== null) return more;
  const fewer = fewerProcesses(situation, model);
  return fewer === null ? steady : { value: fewer, reason: reasons.processesSpare, because: 'the least pods have processes to spare' };
};
