/**
 * The hard limits, applied last: minimum and maximum of each knob, and the cap on what the whole fleet asks of the store.
 *
 * @module
 */
import type { Scale } from '../../../api/featureserver-status.ts';
import { clamp } from '../numbers.ts';
import { bounds, guards } from '../reasons.ts';
import { extraPods, isUnderCap } from '../scale.ts';
import { movesPool, movesReplicas } from '../situation.ts';
import type { GuardRail, Situation } from '../situation.ts';

/**
 * Minimum and maximum win over every other guard, and at once: a user who lowers the maximum means it. A knob that the mode
 * does not turn stays where it is, whatever its range.
 */
export const withinBounds: GuardRail = (wanted, { spec }) => {
  const scale = {
    replicas: movesReplicas(spec) ? clamp(wanted.replicas, spec.replicas.min, spec.replicas.max) : wanted.replicas,
    threads: movesPool(spec) ? clamp(wanted.threads, spec.threads.min, spec.threads.max) : wanted.threads,
    processes: movesPool(spec) ? clamp(wanted.processes, spec.processes.min, spec.processes.max) : wanted.processes,
  };
  const cut = (['replicas', 'threads', 'processes'] as const).find((knob) => scale[knob] !== wanted[knob]);
  if (cut === undefined) return null;
  const isMax = scale[cut] < wanted[cut];
  const why = `${cut} are limited to ${spec[cut].min}–${spec[cut].max}`;
  return { scale, guard: guards.bounds, bound: cut === 'threads' && isMax ? bounds.threadsMax : isMax ? bounds.max : bounds.min, why };
};

const room = (cap: number, others: number): number => Math.max(1, Math.floor(cap / Math.max(1, others)));

/** Undoes as much of each increase as the cap demands, in the order in which it hurts least; what a minimum demands stays. */
const lessIncrease = (wanted: Scale, situation: Situation, cap: number): Scale => {
  const { spec, current } = situation;
  const extra = extraPods(situation);
  const scale = { ...wanted };
  const least = (knob: keyof Scale) => Math.min(scale[knob], Math.max(current[knob], spec[knob].min));
  scale.threads = Math.max(least('threads'), Math.min(scale.threads, room(cap, (scale.replicas + extra) * scale.processes)));
  scale.processes = Math.max(least('processes'), Math.min(scale.processes, room(cap, (scale.replicas + extra) * scale.threads)));
  scale.replicas = Math.max(least('replicas'), Math.min(scale.replicas, room(cap, scale.processes * scale.threads) - extra));
  return scale;
};

/** A fleet that is over the cap already, because it was lowered or pods surge: threads, then processes, then pods down. */
const lessOfAll = (wanted: Scale, situation: Situation, cap: number): Scale => {
  const { spec } = situation;
  const extra = extraPods(situation);
  const scale = { ...wanted };
  if (movesPool(spec)) {
    scale.threads = Math.max(spec.threads.min, Math.min(scale.threads, room(cap, (scale.replicas + extra) * scale.processes)));
    scale.processes = Math.max(spec.processes.min, Math.min(scale.processes, room(cap, (scale.replicas + extra) * scale.threads)));
  }
  if (movesReplicas(spec)) {
    scale.replicas = Math.max(spec.replicas.min, Math.min(scale.replicas, room(cap, scale.processes * scale.threads) - extra));
  }
  return scale;
};

/**
 * `(replicas + surging + terminating) × processes × threads ≤ maxConcurrency`: pods on their way out hold connections to
 * the store too. Wins over everything but the minimum of each knob.
 */
export const withinConcurrency: GuardRail = (wanted, situation) => {
  const cap = situation.spec.maxConcurrency;
  if (cap === null || isUnderCap(wanted, situation)) return null;
  const less = lessIncrease(wanted, situation, cap);
  const scale = isUnderCap(less, situation) ? less : lessOfAll(less, situation, cap);
  return { scale, guard: guards.concurrency, bound: bounds.maxConcurrency, why: `the fleet may ask the store ${cap} things at once` };
};
