/**
 * What earlier moves taught: nothing on top of a raise that no window shows yet, no further than where a move made things worse, no more pods where the
 * last ones brought nothing.
 *
 * @module
 */
import { isPlannedBySlots } from '../capacity.ts';
import { guards } from '../reasons.ts';
import { slotsOf } from '../scale.ts';
import { movesPool } from '../situation.ts';
import type { GuardRail } from '../situation.ts';

/** A pod that never follows must not keep pods away for longer. */
const MOST_WINDOWS = 3;

/**
 * No more slots before a window shows what the last raise of the threads brought. Behind a full store each raise lengthens the store's time, which asks for the
 * next: the pool is at its maximum before anybody knows that the first brought nothing. Pods for more CPU do not wait.
 */
export const notUnseen: GuardRail = (wanted, { memory: { trial }, facts, current, model, now, spec }) => {
  if (trial === null || trial.to.threads <= trial.from.threads) return null;
  const isInForce = facts.slots >= slotsOf(current, facts);
  if (isInForce && facts.windowBegan >= trial.at) return null;
  const threads = Math.min(wanted.threads, current.threads);
  const isAwaited = now - trial.at < MOST_WINDOWS * spec.evaluation.windowMs;
  const replicas = isAwaited && model !== null && isPlannedBySlots(model, current) ? Math.min(wanted.replicas, current.replicas) : wanted.replicas;
  if (threads === wanted.threads && replicas === wanted.replicas) return null;
  const why = `no window shows yet what threads ${trial.from.threads} → ${trial.to.threads} brought`;
  return { scale: { ...wanted, threads, replicas }, guard: guards.unseen, bound: null, why };
};

/** Takes a move back that made things worse, and does not repeat it for a while. */
export const noWorse: GuardRail = (wanted, { memory, spec }) => {
  if (!movesPool(spec)) return null;
  const scale = { ...wanted };
  const reasons: string[] = [];
  for (const { knob, side, limit, why } of memory.blocks) {
    if (knob === 'replicas') continue;
    const value = side === 'up' ? Math.min(scale[knob], limit) : Math.max(scale[knob], limit);
    if (value !== scale[knob]) reasons.push(why);
    scale[knob] = value;
  }
  return reasons.length === 0 ? null : { scale, guard: guards.undone, bound: null, why: reasons.join('; ') };
};

/** No more pods of the kind that brought nothing. */
export const notInVain: GuardRail = (wanted, { memory, current }) => {
  const block = memory.blocks.find(({ knob }) => knob === 'replicas');
  if (block === undefined || wanted.replicas <= Math.max(current.replicas, block.limit)) return null;
  return { scale: { ...wanted, replicas: Math.max(current.replicas, block.limit) }, guard: guards.ineffective, bound: null, why: block.why };
};
