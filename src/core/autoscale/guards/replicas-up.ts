/**
 * Guard rails on the way up: not faster than pods can come, and not at all where they cannot.
 *
 * @module
 */
import { isBatchPending } from '../batch.ts';
import { plannedRate } from '../capacity.ts';
import { cpuShare, FULL_CORE } from '../classes/signals.ts';
import { MAX_PODS } from '../clean-input.ts';
import { bounds, guards } from '../reasons.ts';
import type { Bound } from '../reasons.ts';
import { reachableThreads } from '../situation.ts';
import type { GuardRail, Situation } from '../situation.ts';
import { extremeOfSlots } from '../slots.ts';

const boundOf: Record<'Quota' | 'Unschedulable' | 'Image', Bound> = {
  Quota: bounds.quota,
  Unschedulable: bounds.unschedulable,
  Image: bounds.image,
};

/** Pods that a quota refuses or no node takes: asking for more of them helps nobody. */
export const notWhileBlocked: GuardRail = (wanted, { fleet, current }) =>
  fleet.blocked !== null && wanted.replicas > current.replicas
    ? {
        scale: { ...wanted, replicas: current.replicas },
        guard: guards.blocked,
        bound: boundOf[fleet.blocked.reason] ?? null,
        why: `pods cannot come: ${fleet.blocked.message.slice(0, 160)}`,
      }
    : null;

/** Pods that the present rate takes where the CPU is full: neither a queue nor growth is in it, and the batch on its way does not change it. */
const neededByRate = (situation: Situation): number => {
  const { facts, model, current } = situation;
  if (model === null || !facts.isWarm || cpuShare(facts) < FULL_CORE) return 0;
  return Math.min(MAX_PODS, Math.ceil(facts.offered / plannedRate(model, reachableThreads(situation), current.processes)));
};

/**
 * While half of the last batch has never been ready its effect is unknown, and more would pile up behind it. What the present rate takes is known, where the CPU is
 * full: waiting for the batch then only delays the next.
 */
export const notBeforeLastBatch: GuardRail = (wanted, situation) => {
  const { memory, facts, current, now } = situation;
  const { batch } = memory;
  if (batch === null || wanted.replicas <= current.replicas || !isBatchPending(batch, current.replicas, facts.pods.everReady)) return null;
  const pending = current.replicas - facts.pods.everReady;
  const waited = (now - batch.at) / 1000;
  // A container that started a moment ago is not due yet, however old the batch is.
  const isLate = waited > 2 * facts.startSeconds && now >= facts.newestServesSince;
  const replicas = Math.max(current.replicas, isLate ? 0 : Math.min(wanted.replicas, neededByRate(situation)));
  if (replicas === wanted.replicas) return null;
  return {
    scale: { ...wanted, replicas },
    guard: guards.batch,
    bound: isLate ? bounds.notReady : bounds.rate,
    why: `${pending} of ${current.replicas} pods have not become ready${isLate ? ` after ${Math.round(waited)} s, twice the usual time` : ' yet'}`,
  };
};

/** At most `maxPods` more or `maxPercent` more than the smallest size of the last period, whichever is more. */
export const upRate: GuardRail = (wanted, { spec, memory, now, current }) => {
  if (wanted.replicas <= current.replicas) return null;
  const from = extremeOfSlots(memory.lowestReplicas, current.replicas, now, Math.min, { spanMs: spec.scaleUp.periodMs, betweenMs: spec.evaluation.periodMs });
  const most = Math.max(from + spec.scaleUp.maxPods, Math.floor(from * (1 + spec.scaleUp.maxPercent / 100)));
  const replicas = Math.max(current.replicas, Math.min(wanted.replicas, most));
  if (replicas === wanted.replicas) return null;
  const why = `at most ${most} within ${Math.round(spec.scaleUp.periodMs / 1000)} s`;
  return { scale: { ...wanted, replicas }, guard: guards.scaleUpRate, bound: bounds.rate, why };
};
