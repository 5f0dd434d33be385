/**
 * How many pods the capacity law wants, pods that did not report allowed for.
 *
 * @module
 */
import { cpuBound, plannedRate } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import { MAX_PODS } from './clean-input.ts';
import { isIdle } from './data-gate.ts';
import { demandAtMost } from './fuller-pods.ts';
import { latencyReplicas } from './latency-guard.ts';
import { ceilTolerant, significant } from './numbers.ts';
import { reasons } from './reasons.ts';
import type { Reason } from './reasons.ts';
import { movesReplicas, reachableProcesses, reachableThreads, runningProcesses } from './situation.ts';
import type { Situation } from './situation.ts';

/** Around what the fleet is planned for nothing moves: a tenth above, a fifth below. */
const BAND_UP = 1.1;
const BAND_DOWN = 0.8;

export interface WantedReplicas {
  replicas: number;
  reason: Reason;
  because: string;
}

const steady = (situation: Situation): WantedReplicas => ({ replicas: situation.current.replicas, reason: reasons.steady, because: '' });

/** Names the bound that a pod is planned by: its CPU, or the slots that requests hold while they wait for the store. */
const explain = (situation: Situation, model: PodModel, rate: number, processes: number): string => {
  const { current } = situation;
  const expected = `${significant(situation.demand, 3)} requests/s are expected and one pod takes ${significant(rate, 3)}`;
  if (model.lockRate < cpuBound(model, processes) && rate >= 0.99 * model.target * model.lockRate) return `${expected} (a lock inside lets ${significant(model.lockRate, 3)}/s through)`;
  const isByCpu = rate >= 0.99 * model.target * cpuBound(model, processes);
  const isByProcess = model.singleCore && processes < (model.coreLimit ?? Infinity);
  const slots = processes * reachableThreads(situation);
  return isByCpu
    ? `${expected} (each costs ${significant(1000 * model.cpu, 3)} ms of CPU, and ${Math.round(100 * model.target)} % of ${isByProcess ? 'the core that a process can use' : "a pod's"} may be used)`
    : `${expected} (each holds one of ${slots > current.threads * current.processes ? `the ${slots} slots that a pod may have` : `${slots} slots`} for ${significant(1000 * model.hold, 3)} ms, and some slots stay free for peaks)`;
};

const moreReplicas = (situation: Situation, model: PodModel): WantedReplicas | null => {
  const { demand, current, fullStore } = situation;
  const processes = reachableProcesses(situation);
  const rate = plannedRate(model, reachableThreads(situation), processes);
  if (demand <= BAND_UP * rate * current.replicas) return null;
  if (fullStore !== null) return { ...steady(situation), reason: reasons.podsCannotHelp, because: `${fullStore}: more pods would only wait for it too` };
  return { replicas: Math.min(MAX_PODS, ceilTolerant(demand / rate)), reason: reasons.capacityShort, because: explain(situation, model, rate, processes) };
};

/**
 * Fewer pods, when even pods that did not report, assumed to be as busy as planned, leave room. More processes are not counted on
 * here: the way down is pods first.
 */
const fewerReplicas = (situation: Situation, model: PodModel): WantedReplicas | null => {
  const { current } = situation;
  const processes = runningProcesses(situation);
  const rate = plannedRate(model, reachableThreads(situation), processes);
  const assumed = demandAtMost(situation, model);
  const replicas = Math.max(1, ceilTolerant(assumed / rate));
  if (assumed > BAND_DOWN * rate * current.replicas || replicas >= current.replicas) return null;
  return { replicas, reason: reasons.capacitySpare, because: explain(situation, model, rate, processes) };
};

const byCapacity = (situation: Situation): WantedReplicas => {
  const { facts, spec, current, model } = situation;
  if (isIdle(facts)) {
    const replicas = Math.min(current.replicas, spec.replicas.min);
    return { replicas, reason: reasons.idle, because: 'no pod has seen a request' };
  }
  if (model === null) return steady(situation);
  return moreReplicas(situation, model) ?? fewerReplicas(situation, model) ?? steady(situation);
};

/** Pods wanted before any guard rail. Missing data alone never turns the direction: up counts them at zero, down as busy. */
export const wantedReplicas = (situation: Situation): WantedReplicas => {
  const { gap, current, facts, spec } = situation;
  if (!movesReplicas(spec)) return steady(situation);
  const capacity = byCapacity(situation);
  if (gap !== null) return gap.mayShrink && capacity.replicas < current.replicas ? capacity : steady(situation);
  const latency = latencyReplicas(situation);
  if (latency === null || latency <= capacity.replicas) return capacity;
  const p95 = significant(1000 * (facts.response95 ?? 0), 3);
  return { replicas: latency, reason: reasons.latencyOverObjective, because: `p95 stays at ${p95} ms although the CPU would be enough` };
};
