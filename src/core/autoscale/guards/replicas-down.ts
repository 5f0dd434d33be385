/**
 * Guard rails on the way down. Each one knows a reason not to shrink, or not that fast.
 *
 * @module
 */
import type { Scale } from '../../../api/featureserver-status.ts';
import { guards } from '../reasons.ts';
import type { Guard } from '../reasons.ts';
import type { GuardRail, Situation, Verdict } from '../situation.ts';
import { stabilizationMs, wishesKeptMs } from '../stabilization.ts';
import { isSameScale, largest } from '../scale.ts';
import { extremeOfSlots } from '../slots.ts';

const MINUTE_MS = 60_000;

const keepReplicas = (wanted: Scale, { current }: Situation, guard: Guard, why: string): Verdict | null =>
  wanted.replicas < current.replicas ? { scale: { ...wanted, replicas: current.replicas }, guard, bound: null, why } : null;

/** Most pods unready while there is load is overload: taking pods away would make it worse. */
export const notWhileUnready: GuardRail = (wanted, situation) => {
  const { fleet, current, facts } = situation;
  const isLoaded = facts.offered > 0 || facts.backlog > 0 || facts.pods.silent > 0;
  if (!isLoaded || fleet.readyReplicas >= 0.5 * current.replicas) return null;
  return keepReplicas(wanted, situation, guards.unready, `only ${fleet.readyReplicas} of ${current.replicas} pods are ready`);
};

/** During a rollout two templates share the load, and new pods are cold. */
export const notInRollout: GuardRail = (wanted, situation) =>
  situation.fleet.rollingOut ? keepReplicas(wanted, situation, guards.rollout, 'a rollout is under way') : null;

export const onlyWhenEnabled: GuardRail = (wanted, situation) =>
  situation.spec.scaleDown.enabled ? null : keepReplicas(wanted, situation, guards.scaleDownDisabled, 'scaling down is switched off');

/** Threads that only wait for a lock or for the store are no capacity, and nothing is lost with them: they go at once. So does what an experiment takes for a window. */
const correction = (wanted: Scale, situation: Situation): Partial<Scale> => {
  const { threads, processes } = wanted;
  if (situation.experiment !== null) return { threads, processes };
  return situation.class === 'LOCK' || situation.class === 'STORE' ? { threads } : {};
};

/** A new leader has seen no history: nothing shrinks until it has one. */
export const notAfterRestart: GuardRail = (wanted, situation) => {
  const { now, memory, spec, current } = situation;
  if (now - memory.watchedSince >= spec.scaleDown.stabilizationMs) return null;
  const scale = { ...largest(wanted, current), ...correction(wanted, situation) };
  const why = 'the operator has not watched for one stabilization window yet';
  return isSameScale(scale, wanted) ? null : { scale, guard: guards.restart, bound: null, why };
};

/** The way down follows the largest wish of the stabilization window, for each knob. Never above the present size. */
export const stabilized: GuardRail = (wanted, situation) => {
  const { memory, now, current, spec } = situation;
  const span = stabilizationMs(situation);
  const held = (value: number, now_: number, slots: typeof memory.wantedReplicas) =>
    value < now_ ? Math.min(now_, extremeOfSlots(slots, value, now, Math.max, { spanMs: span, keptMs: wishesKeptMs(spec) })) : value;
  const scale = {
    replicas: held(wanted.replicas, current.replicas, memory.wantedReplicas),
    threads: held(wanted.threads, current.threads, memory.wantedThreads),
    processes: held(wanted.processes, current.processes, memory.wantedProcesses),
    ...correction(wanted, situation),
  };
  if (isSameScale(scale, wanted)) return null;
  const why = `more was needed within the last ${Math.round(span / 1000)} s`;
  return { scale, guard: guards.stabilization, bound: null, why };
};

/** At most `maxPercentPerMinute` of the largest size of the last minute, at least one pod. */
export const downRate: GuardRail = (wanted, situation) => {
  const { spec, memory, now, current } = situation;
  if (wanted.replicas >= current.replicas) return null;
  const from = extremeOfSlots(memory.highestReplicas, current.replicas, now, Math.max, { spanMs: MINUTE_MS });
  const step = Math.max(1, Math.floor((from * spec.scaleDown.maxPercentPerMinute) / 100));
  const replicas = Math.min(current.replicas, Math.max(wanted.replicas, from - step));
  if (replicas === wanted.replicas) return null;
  return { scale: { ...wanted, replicas }, guard: guards.scaleDownRate, bound: 'rate', why: `at most ${step} fewer in a minute` };
};
