/**
 * How many processes each pod should have.
 *
 * @module
 */
import { cpuBound, plannedRate } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import { classify, evidenceFor } from './classes/index.ts';
import { demandAtMost, fewerFullerPods } from './fuller-pods.ts';
import { significant } from './numbers.ts';
import { reasons } from './reasons.ts';
import { slotsOf } from './scale.ts';
import { isWaitKnown, keepsPool, movesPool, reachableThreads, seenIn } from './situation.ts';
import type { Situation } from './situation.ts';
import type { WantedKnob } from './wanted-threads.ts';

/** One process less only where that leaves a quarter of the slots and the CPU free. */
const WORTH_LESS = 0.75;

/** A pool that is full with all the threads it may have is believed, whatever the model says of it; but not before a window shows what the last change of it brought. */
const isStarved = (situation: Situation): boolean => {
  const { class: found, current, facts, memory } = situation;
  const isSeen = facts.windowBegan >= (memory.threadsMovedAt ?? 0) && facts.slots >= slotsOf(current, facts);
  return found === 'THREADS' && isSeen && reachableThreads(situation) <= current.threads && classify(seenIn(situation)) === 'THREADS';
};

const moreProcesses = (situation: Situation, model: PodModel, isStarving: boolean): number | null => {
  const { demand, current, spec } = situation;
  const threads = reachableThreads(situation);
  const least = current.processes + (isStarving ? 1 : 0);
  const isShort = (processes: number) => processes < least || demand > plannedRate(model, threads, processes) * current.replicas;
  let processes = current.processes;
  while (processes < spec.processes.max && isShort(processes) && cpuBound(model, processes + 1) > cpuBound(model, processes)) processes += 1;
  return processes > current.processes ? processes : null;
};

/** Pods that did not report count as busy: nothing is taken away because of what is not known. */
const fewerProcesses = (situation: Situation, model: PodModel): number | null => {
  const { current, spec } = situation;
  if (current.replicas > spec.replicas.min || current.processes <= spec.processes.min) return null;
  const fewer = current.processes - 1;
  // The slots of the process that goes may come back as threads of the others, as far as those may rise: planned with more, it would be asked for again at once.
  const threads = Math.min(reachableThreads(situation), Math.floor((current.processes * current.threads) / fewer));
  return demandAtMost(situation, model) < WORTH_LESS * plannedRate(model, Math.max(1, threads), fewer) * current.replicas ? fewer : null;
};

const raised = (situation: Situation, model: PodModel): WantedKnob | null => {
  const isStarving = isStarved(situation);
  const more = moreProcesses(situation, model, isStarving);
  if (more !== null && isStarving) return { value: more, reason: reasons.threadsBelowFloor, because: evidenceFor('THREADS', seenIn(situation)) };
  if (more !== null) {
    return { value: more, reason: reasons.loopsBelowCores, because: `a process uses at most one core and ${significant(situation.demand, 3)} requests/s need more of them` };
  }
  const fleet = fewerFullerPods(situation, model);
  if (fleet === null) return null;
  const { replicas, processes, asTheyAre } = fleet;
  const because = `a process uses at most one core: ${replicas} ${replicas === 1 ? 'pod' : 'pods'} with ${processes} in each would do, with ${situation.current.processes} it takes ${asTheyAre}`;
  return { value: processes, reason: reasons.processesSavePods, because };
};

/** Processes in each pod: up to the cores before more pods, and where that saves pods; down only when the fleet is at its least pods. */
export const wantedProcesses = (situation: Situation): WantedKnob => {
  const { current, spec, model, gap, class: found, experiment } = situation;
  const steady = { value: current.processes, reason: reasons.steady, because: '' };
  if (experiment !== null) return { value: experiment.processes, reason: reasons.concurrencyCut, because: experiment.because };
  if (!movesPool(spec) || model === null || !model.singleCore || gap !== null) return steady;
  const more = keepsPool.has(found) || isWaitKnown(situation) ? null : raised(situation, model);
  if (more !== null) return more;
  const fewer = fewerProcesses(situation, model);
  return fewer === null ? steady : { value: fewer, reason: reasons.processesSpare, because: 'the least pods have processes to spare' };
};
