/**
 * One knob at a time, so that the effect of a move can be told from the effect of another.
 *
 * @module
 */
import type { Scale } from '../../../api/featureserver-status.ts';
import { guards } from '../reasons.ts';
import { isSamePool, isSameScale } from '../scale.ts';
import type { GuardRail, Situation, Verdict } from '../situation.ts';

const movedWithin = (at: number | null, { now, spec }: Situation): boolean => at !== null && now - at < spec.evaluation.windowMs;

const verdict = (scale: Scale, why: string): Verdict => ({ scale, guard: guards.oneKnob, bound: null, why });

/** Threads before processes on the way up, processes before threads on the way down. */
const onePoolKnob = (wanted: Scale, current: Scale): Scale => {
  if (wanted.threads === current.threads || wanted.processes === current.processes) return wanted;
  if (wanted.threads > current.threads) return { ...wanted, processes: current.processes };
  return { ...wanted, threads: current.threads };
};

const chooseKnob = (wanted: Scale, current: Scale): Scale => {
  const isPoolUp = wanted.threads > current.threads || wanted.processes > current.processes;
  // The pods follow at the next evaluation: a needed move of pods up does not wait for the window of the threads.
  return isPoolUp ? { ...wanted, replicas: current.replicas } : { ...wanted, threads: current.threads, processes: current.processes };
};

/**
 * Never threads and pods in one move, nor one within the window of the other; but pods that are needed never wait for
 * the window of a thread move. Threads come first on the way up, pods on the way down.
 */
export const oneKnob: GuardRail = (wanted, situation) => {
  const { current, memory } = situation;
  let scale = onePoolKnob(wanted, current);
  const isPoolMove = () => !isSamePool(scale, current);
  // An experiment has waited for the pods before it began, and ends whatever they do.
  if (isPoolMove() && movedWithin(memory.podsMovedAt, situation) && situation.experiment === null) {
    scale = { ...scale, threads: current.threads, processes: current.processes };
  }
  if (scale.replicas < current.replicas && movedWithin(memory.threadsMovedAt, situation)) scale = { ...scale, replicas: current.replicas };
  if (isPoolMove() && scale.replicas !== current.replicas) scale = chooseKnob(scale, current);
  return isSameScale(scale, wanted) ? null : verdict(scale, 'threads and pods do not move in the same window');
};
