/**
 * A short cut of concurrency: the experiment for a full pool that is as large as it may be. A pool of another size tells a full store, a lock and a pool that is
 * too small apart; where neither the pool nor the fleet can grow, a smaller one for a window is the only one to be had. The pool always comes back: what is then
 * proven of both sizes is acted on by the rules of STORE and LOCK.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { cpuBound } from './capacity.ts';
import { hasCpuLeft } from './classes/signals.ts';
import { isPoolFull } from './full-pool.ts';
import type { Facts } from './measure.ts';
import type { Cut, Memory } from './memory.ts';
import { movesPool, movesReplicas, reachableProcesses, reachableThreads } from './situation.ts';
import type { Assessed, Situation } from './situation.ts';
import { isSamePool, isUnderCap, slotsOf } from './scale.ts';
import type { Pool } from './scale.ts';
import type { AutoscaleSpec, FleetWindow } from './types.ts';

/** Well over the 1.3 times that two pools have to differ by, so that their waits do too. */
const CUT = 1.5;
const ENOUGH = 1.4;
const LEAST_CUT = 1.3;
/** A fleet is not disturbed more often, and after each cut that proved nothing half as often, down to once in two hours. */
const AGAIN_MS = 15 * 60_000;
const MOST_DOUBLED = 3;
/** A cut that no window has shown after so many of them is given up: a pod that hangs never shows it. */
const MOST_WINDOWS = 3;
/** Windows over the objective, and since the last move of pods: a burst needs no experiment. */
const PATIENCE_WINDOWS = 2;
/** A quota that refuses for so long will not be raised in the next minute. Nodes are added, and images mended. */
const QUOTA_MS = 120_000;

const smaller = (value: number, least: number): number | null => {
  const gentle = Math.ceil(value / CUT);
  const cut = Math.max(least, 1, value >= ENOUGH * gentle ? gentle : Math.floor(value / CUT));
  return value >= LEAST_CUT * cut ? cut : null;
};

/** Threads where they have room to fall, else processes; null where neither has. An experiment is worth no rollout, after which nothing could be compared anyway. */
const cutOf = ({ threads, processes }: Pool, spec: AutoscaleSpec, live: FleetWindow['live']): Pool | null => {
  const fewerThreads = live?.threads === false ? null : smaller(threads, spec.threads.min);
  if (fewerThreads !== null) return { threads: fewerThreads, processes };
  const fewerProcesses = live?.processes === false ? null : smaller(processes, spec.processes.min);
  return fewerProcesses === null ? null : { threads, processes: fewerProcesses };
};

const canHavePods = (situation: Assessed): boolean => {
  const { spec, current, fleet, memory, now } = situation;
  const isRefused = (fleet.blocked?.reason === 'Quota' && now - fleet.blocked.since >= QUOTA_MS) || memory.blocks.some(({ knob }) => knob === 'replicas');
  return movesReplicas(spec) && current.replicas < spec.replicas.max && !isRefused && isUnderCap({ ...current, replicas: current.replicas + 1 }, situation);
};

/** Whether more slots are to be had in any way: they come first, for they are an experiment too, and one that does no harm. */
const canGrow = (situation: Assessed): boolean => {
  const { current, model } = situation;
  const hasRoom = (more: Partial<Scale>) => isUnderCap({ ...current, ...more }, situation);
  const hasCores = model !== null && cpuBound(model, current.processes + 1) > cpuBound(model, current.processes);
  return (
    (reachableThreads(situation) > current.threads && hasRoom({ threads: current.threads + 1 })) ||
    (hasCores && reachableProcesses(situation) > current.processes && hasRoom({ processes: current.processes + 1 })) ||
    canHavePods(situation)
  );
};

/** Per pod, since a lock is one pod's. */
const hasOtherSize = ({ full }: Memory, { slots, pods }: Facts): boolean => {
  const now = slots / Math.max(1, pods.reporting);
  return full.some((point) => {
    const then = point.slots / Math.max(1, point.pods);
    return Math.max(now, then) >= LEAST_CUT * Math.min(now, then);
  });
};

const isInForce = ({ facts, current }: Assessed): boolean => facts.slots === slotsOf(current, facts);

/** Every pod that there is serves and is heard, and none is on its way in or out. With a quota some that were asked for will not come. */
const isWhole = ({ fleet, facts, current, memory }: Assessed): boolean => {
  const pods = fleet.pods.length;
  const isComplete = pods >= current.replicas && memory.batch === null;
  return pods > 0 && !fleet.rollingOut && fleet.terminating === 0 && fleet.readyReplicas >= pods && facts.pods.reporting === pods && (isComplete || fleet.blocked?.reason === 'Quota');
};

/** Nothing has moved, nobody has just taken over, and windows are as short as they should be. */
const isCalm = (situation: Assessed): boolean => {
  const { facts, memory, spec, now } = situation;
  const { windowMs } = spec.evaluation;
  const lastMove = Math.max(memory.podsMovedAt ?? 0, memory.watchedSince);
  return isInForce(situation) && now - lastMove >= PATIENCE_WINDOWS * windowMs && facts.windowBegan >= Math.max(memory.threadsMovedAt ?? 0, facts.newestServesSince, now - 2 * windowMs);
};

const isTooSoon = ({ memory: { cut, blocks }, now }: Assessed): boolean =>
  (cut !== null && now - cut.at < AGAIN_MS * 2 ** Math.min(cut.inVain, MOST_DOUBLED)) || blocks.some(({ side }) => side === 'down');

/** Modes in which nobody would carry the experiment out: recommended and not made it would say nothing. */
const isWritten = ({ mode, paused }: AutoscaleSpec): boolean => (mode === 'Auto' || mode === 'ThreadsOnly') && !paused;

const isNeeded = (situation: Assessed): boolean => {
  const { class: found, facts, memory, spec } = situation;
  if (found !== 'THREADS' || memory.overObjective * spec.evaluation.periodMs < PATIENCE_WINDOWS * spec.evaluation.windowMs || !isWritten(spec) || isTooSoon(situation)) return false;
  return isPoolFull(facts) && hasCpuLeft(facts) && isWhole(situation) && isCalm(situation) && !canGrow(situation) && !hasOtherSize(memory, facts);
};

const sizeOf = ({ threads, processes }: Pool): string => `${processes} × ${threads} slots in a pod`;

/** While the pool is the smaller one. It needs no data to come back. */
const duringCut = (cut: Cut, situation: Assessed): Situation['experiment'] => {
  const { facts, spec, now, gap } = situation;
  // A maximum that was lowered meanwhile leaves nothing to come back to.
  const back = { threads: Math.min(cut.from.threads, spec.threads.max), processes: Math.min(cut.from.processes, spec.processes.max) };
  if (isSamePool(back, cut.to)) return null;
  const from = `${sizeOf(cut.to)} for a window, ${sizeOf(cut.from)} before`;
  if (gap !== null) return { ...back, because: `an experiment (${from}) ends, for ${gap.evidence}` };
  const isSeen = isInForce(situation) && facts.windowBegan >= cut.at;
  if (isSeen) return { ...back, because: `an experiment (${from}) has been seen: ${facts.slots} slots answer ${Math.round(facts.answered)} requests/s` };
  if (now - cut.at >= MOST_WINDOWS * spec.evaluation.windowMs) return { ...back, because: `an experiment (${from}) was not followed by every pod` };
  return { ...cut.to, because: `an experiment is under way (${from})` };
};

/** The pool as the experiment wants it, and why; null when there is none. */
export const poolOfCut = (situation: Assessed): Situation['experiment'] => {
  const { spec, memory, current, gap, now } = situation;
  const { cut } = memory;
  if (!movesPool(spec)) return null;
  if (cut?.state === 'small') return duringCut(cut, situation);
  const because = 'every slot is busy, nothing can grow, and only a pool of another size shows whether the slots, the store or a lock is short: for one window it is smaller';
  if (cut?.state === 'asked') return now - cut.at < spec.evaluation.windowMs ? { ...cut.to, because } : null;
  const pool = gap === null && isNeeded(situation) ? cutOf(current, spec, situation.fleet.live) : null;
  return pool && { ...pool, because };
};

/** What became of the experiment since the last evaluation. One that nobody carried out, or that somebody overtook, is over. */
export const followCut = (memory: Memory, current: Scale, now: number, windowMs: number): Memory => {
  const { cut } = memory;
  if (cut === null) return memory;
  const as = (change: Partial<Cut>): Memory => ({ ...memory, cut: { ...cut, ...change } });
  if (cut.state === 'asked') {
    if (isSamePool(current, cut.to)) return as({ state: 'small', at: now });
    // A write may come late: it is not asked for any more, but the pool comes back.
    return isSamePool(current, cut.from) && now - cut.at < MOST_WINDOWS * windowMs ? memory : as({ state: 'over' });
  }
  if (cut.state === 'small') return isSamePool(current, cut.to) ? memory : as({ state: 'over' });
  // What was proven is worth another experiment later, as soon as the usual time has passed.
  return cut.inVain > 0 && (memory.class === 'STORE' || memory.class === 'LOCK') ? as({ inVain: 0 }) : memory;
};

/** Remembers an experiment that begins with this answer. */
export const noteCut = (memory: Memory, { current, now }: Situation, to: Scale, isCut: boolean): Memory => {
  const { cut } = memory;
  if (!isCut || cut?.state === 'small' || cut?.state === 'asked' || isSamePool(to, current)) return memory;
  const pool = ({ threads, processes }: Pool): Pool => ({ threads, processes });
  return { ...memory, cut: { at: now, state: 'asked', from: pool(current), to: pool(to), inVain: cut === null ? 0 : Math.min(MOST_DOUBLED, cut.inVain + 1) } };
};
