/**
 * Guard rails on the way up: not faster than pods can come, and not at all where they cannot.
 *
 * @module
 */
import { isBatchPending } from '../batch.ts';
import { bounds, guards } from '../reasons.ts';
import type { Bound } from '../reasons.ts';
import type { GuardRail } from '../situation.ts';
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

/** While half of the last batch has never been ready its effect is unknown, and more would pile up behind it. */
export const notBeforeLastBatch: GuardRail = (wanted, { memory, facts, current, now }) => {
  const { batch } = memory;
  if (batch === null || wanted.replicas <= current.replicas || !isBatchPending(batch, current.replicas, facts.pods.everReady)) return null;
  const pending = current.replicas - facts.pods.everReady;
  const waited = (now - batch.at) / 1000;
  const isLate = waited > 2 * facts.startSeconds;
  return {
    scale: { ...wanted, replicas: current.replicas },
    guard: guards.batch,
    bound: isLate ? bounds.unschedulable : bounds.rate,
    why: `${pending} of ${current.replicas} pods have not become ready${isLate ? ` after ${Math.round(waited)} s, twice the usual time` : ' yet'}`,
  };
};

/** At most `maxPods` more or `maxPercent` more than the smallest size of the last period, whichever is more. */
export const upRate: GuardRail = (wanted, { spec, memory, now, current }) => {
  if (wanted.replicas <= current.replicas) return null;
  const from = extremeOfSlots(memory.lowestReplicas, current.replicas, now, spec.scaleUp.periodMs, Math.min);
  const most = Math.max(from + spec.scaleUp.maxPods, Math.floor(from * (1 + spec.scaleUp.maxPercent / 100)));
  const replicas = Math.max(current.replicas, Math.min(wanted.replicas, most));
  if (replicas === wanted.replicas) return null;
  const why = `at most ${most} within ${Math.round(spec.scaleUp.periodMs / 1000)} s`;
  return { scale: { ...wanted, replicas }, guard: guards.scaleUpRate, bound: bounds.rate, why };
};
