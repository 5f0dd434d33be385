/**
 * When p95 stays over the objective although the capacity law is content: more pods, unless pods cannot help.
 *
 * @module
 */
import { cpuShare } from './classes/signals.ts';
import { percent } from './classes/words.ts';
import { reasons } from './reasons.ts';
import type { Reason } from './reasons.ts';
import { isUnderCap } from './scale.ts';
import { MISSED_EVALUATIONS } from './remember.ts';
import { reachableThreads } from './situation.ts';
import type { Situation } from './situation.ts';

/** Below this share of its CPU a pod hardly makes a request wait for it: by a third more CPU time at the most, where the pods share it (1 / (1 − ρ)). */
const QUIET_CPU = 0.3;
/** One step raises the fleet by half at the most. */
const LARGEST_STEP = 1.5;

/** Also where this window alone says so: pods on top of a pool that is about to grow would hide what each of the two brought. */
const areThreadsFirst = (situation: Situation): boolean => {
  const { class: found, memory, current } = situation;
  const isStarved = found === 'THREADS' || (found === 'OK' && memory.candidates.at(-1) === 'THREADS');
  return isStarved && reachableThreads(situation) > current.threads && isUnderCap({ ...current, threads: current.threads + 1 }, situation);
};

/** Why more pods would not bring p95 down, as reason and sentence; null when they would. */
export const podsCannotHelp = (situation: Situation): { reason: Reason; text: string } | null => {
  const { facts, model, fullStore, class: found } = situation;
  const no = (reason: Reason, text: string) => ({ reason, text });
  if (model?.unreachable === true) {
    return no(reasons.objectiveUnreachable, `the store alone needs ${(1000 * model.store95).toFixed(1)} ms at its 95th percentile: no fleet can meet the objective`);
  }
  if (fullStore !== null) return no(reasons.podsCannotHelp, `${fullStore}: more pods would only wait for it too`);
  if (areThreadsFirst(situation)) return no(reasons.podsCannotHelp, 'threads come first');
  const queues = facts.queue > 0.1 * (facts.response ?? Infinity) || facts.rejected > 0 || found === 'THROTTLED';
  if (!queues && cpuShare(facts) < QUIET_CPU) {
    return no(reasons.podsCannotHelp, `nothing queues and the CPU is at ${percent(cpuShare(facts))}: a request takes about as long in a fleet of any size`);
  }
  return null;
};

/**
 * Until a whole window lies behind the last move, and behind the start of the pods that it brought, the p95 is still that of
 * the old fleet. One evaluation more is for the queue that the old one left.
 */
const isSettled = ({ memory, spec, facts, current }: Situation): boolean => {
  const lastChange = Math.max(memory.podsMovedAt ?? 0, memory.threadsMovedAt ?? 0, facts.newestServesSince);
  return facts.windowBegan >= lastChange + spec.evaluation.periodMs && facts.pods.everReady >= current.replicas;
};

/** Replicas that the latency guard asks for; null when it is silent. */
export const latencyReplicas = (situation: Situation): number | null => {
  const { facts, spec, memory, current } = situation;
  if (memory.overObjective < MISSED_EVALUATIONS || facts.response95 === null || !isSettled(situation)) return null;
  if (podsCannotHelp(situation) !== null) return null;
  const over = (1000 * facts.response95) / spec.objectiveMs;
  return Math.max(current.replicas + 1, Math.min(Math.ceil(current.replicas * over), Math.ceil(current.replicas * LARGEST_STEP)));
};
