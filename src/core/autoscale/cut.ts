/**
 * A short cut of concurrency: the experiment for a full pool that is as large as it may be. A pool of another size tells a full store, a lock and a pool that is
 * too small apart; where neither the pool nor the fleet can grow, a smaller one for a window is the only one to be had.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { cpuBound } from './capacity.ts';
import { hasIdleCpu } from './classes/signals.ts';
import { isPoolFull, lockIsFull } from './full-pool.ts';
import type { Facts } from './measure.ts';
import type { Cut, Memory } from './memory.ts';
import { movesPool, movesReplicas, reachableProcesses, reachableThreads, seenIn } from './situation.ts';
import type { Situation } from './situation.ts';
import type { AutoscaleSpec, FleetWindow } from './types.ts';

/** Well over the 1.3 times that two pools have to differ by, so that their waits do too. */
const CUT = 1.5;
const LEAST_CUT = 1.3;
/** A fleet is not disturbed more often. */
const AGAIN_MS = 15 * 60_000;
/** A cut that no window has shown after so many of them is given up: a pod that hangs never shows it. */
const MOST_WINDOWS = 3;
/** Evaluations in a row over the objective: one that is met needs no experiment. */
const EVALUATIONS = 2;

type Pool = Pick<Scale, 'threads' | 'processes'>;

const isPool = (a: Pool, b: Pool): boolean => a.threads === b.threads && a.processes === b.processes;

const smaller = (value: number, least: number): number | null => {
  const cut = Math.max(least, Math.floor(value / CUT), 1);
  return value >= LEAST_CUT * cut ? cut : null;
};

/** Threads where they have room to fall, else processes; null where neither has. An experiment is worth no rollout, after which nothing could be compared anyway. */
const cutOf = ({ threads, processes }: Pool, spec: AutoscaleSpec, live: FleetWindow['live']): Pool | null => {
  const fewerThreads = live?.threads === false ? null : smaller(threads, spec.threads.min);
  if (fewerThreads !== null) return { threads: fewerThreads, processes };
  const fewerProcesses = live?.processes === false ? null : smaller(processes, spec.processes.min);
  return fewerProcesses === null ? null : { threads, processes: fewerProcesses };
};

const isUnderCap = ({ spec, current }: Situation): boolean => spec.maxConcurrency === null || current.replicas * current.processes * (current.threads + 1) <= spec.maxConcurrency;

/** Whether more slots are to be had in any way: they come first, for they are an experiment too, and one that does no harm. */
const canGrow = (situation: Situation): boolean => {
  const { spec, current, fleet, memory, model } = situation;
  if (!isUnderCap(situation)) return false;
  if (reachableThreads(situation) > current.threads) return true;
  const hasCores = model !== null && cpuBound(model, current.processes + 1) > cpuBound(model, current.processes);
  if (hasCores && reachableProcesses(situation) > current.processes) return true;
  const isRefused = fleet.blocked !== null || memory.blocks.some(({ knob }) => knob === 'replicas');
  return movesReplicas(spec) && current.replicas < spec.replicas.max && !isRefused;
};

/** Per pod, since a lock is one pod's. */
const hasOtherSize = ({ full }: Memory, { slots, pods }: Facts): boolean => {
  const now = slots / Math.max(1, pods.reporting);
  return full.some((point) => {
    const then = point.slots / Math.max(1, point.pods);
    return Math.max(now, then) >= LEAST_CUT * Math.min(now, then);
  });
};

/** Every slot that was asked for is there, and the whole window lies behind the last change of the fleet. */
const isSettled = ({ facts, current, memory, fleet }: Situation): boolean =>
  !fleet.rollingOut &&
  facts.slots === current.threads * current.processes * facts.pods.reporting &&
  facts.windowBegan >= Math.max(memory.threadsMovedAt ?? 0, memory.podsMovedAt ?? 0, facts.newestServesSince);

const isNeeded = (situation: Situation): boolean => {
  const { class: found, facts, memory, now } = situation;
  if (found !== 'THREADS' || memory.overObjective < EVALUATIONS || (memory.cut !== null && now - memory.cut.at < AGAIN_MS) || memory.blocks.some(({ side }) => side === 'down')) return false;
  return isPoolFull(facts) && hasIdleCpu(facts) && isSettled(situation) && !canGrow(situation) && !hasOtherSize(memory, facts);
};

/** A full store or a lock is evident in this window, though not yet the class. */
export const waitIsKnown = (situation: Situation): boolean => situation.fullStore !== null || lockIsFull(seenIn(situation)) !== null;

/** Until a window shows what the smaller pool does. */
const isUnderWay = ({ at, to }: Cut, { current, facts, spec, now }: Situation): boolean =>
  isPool(current, to) && now - at < MOST_WINDOWS * spec.evaluation.windowMs && !(facts.slots === current.threads * current.processes * facts.pods.reporting && facts.windowBegan >= at + spec.evaluation.periodMs);

/** The pool as the experiment wants it, and why; null when there is none. What a cut proved (STORE, LOCK) keeps the smaller pool by its own rules. */
export const poolOfCut = (situation: Situation): (Pool & { because: string }) | null => {
  const { spec, memory, current, gap, now, facts } = situation;
  const { cut } = memory;
  if (!movesPool(spec) || gap !== null) return null;
  if (cut !== null && isUnderWay(cut, situation)) return { ...cut.to, because: 'no window shows yet what fewer slots answer' };
  const isOver = cut !== null && isPool(current, cut.to) && now - cut.at < 2 * MOST_WINDOWS * spec.evaluation.windowMs;
  if (isOver && !waitIsKnown(situation)) return { ...cut.from, because: `${facts.slots} slots answer ${Math.round(facts.answered)} requests/s and show neither a full store nor a lock` };
  if (isOver || !isNeeded(situation)) return null;
  const pool = cutOf(current, spec, situation.fleet.live);
  return pool && { ...pool, because: 'every slot is busy, nothing can grow, and only a pool of another size shows whether the slots, the store or a lock is short: for one window it is smaller' };
};

/** What the experiment leaves in memory once its cut is the answer: when it was, and what to go back to. */
export const noteCut = (memory: Memory, { current, now }: Situation, to: Scale, isCut: boolean): Memory =>
  isCut && !isPool(to, current) && to.threads <= current.threads && to.processes <= current.processes
    ? { ...memory, cut: { at: now, from: { threads: current.threads, processes: current.processes }, to: { threads: to.threads, processes: to.processes } } }
    : memory;
