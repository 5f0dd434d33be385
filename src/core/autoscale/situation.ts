/**
 * Everything that a decision looks at, put together once an evaluation.
 *
 * @module
 */
import type { BottleneckClass, Scale } from '../../api/featureserver-status.ts';
import type { PodModel } from './capacity.ts';
import type { Seen } from './classes/rule.ts';
import { hasCpuLeft } from './classes/signals.ts';
import { lockIsFull } from './inner-wait.ts';
import type { Gap } from './data-gate.ts';
import type { Facts } from './measure.ts';
import type { Memory } from './memory.ts';
import type { Bound, Guard, Reason } from './reasons.ts';
import type { AutoscaleSpec, FleetWindow } from './types.ts';

export interface Situation {
  now: number;
  spec: AutoscaleSpec;
  fleet: FleetWindow;
  current: Scale;
  facts: Facts;
  /** This evaluation included. */
  memory: Memory;
  class: BottleneckClass;
  gap: Gap | null;
  model: PodModel | null;
  /** Expected requests per second, missing pods at zero. */
  demand: number;
  /** Evidence that the store is full. */
  fullStore: string | null;
  /** The pool as an experiment wants it, and why; null while there is none (cut.ts). */
  experiment: { threads: number; processes: number; because: string } | null;
}

/** What is known before the experiment is decided on. */
export type Assessed = Omit<Situation, 'experiment'>;

/** What the law wants before the guard rails, and why. */
export interface Wanted {
  scale: Scale;
  reason: Reason;
  /** The part of the sentence that explains the move. */
  because: string;
}

/** A guard that changes the answer says to what, and in half a sentence why. Null: it has no objection. */
export interface Verdict {
  scale: Scale;
  guard: Guard;
  bound: Bound | null;
  why: string;
}
export type GuardRail = (wanted: Scale, situation: Situation) => Verdict | null;

/** What the evidence of a class may look at. */
export const seenIn = ({ facts, memory }: Pick<Situation, 'facts' | 'memory'>): Seen => ({ facts, learned: memory.learned, proof: memory.proof, poolMovedAt: memory.threadsMovedAt });

/** Whether this mode turns the knob. Recommend and Off are computed as Auto: the shell does not write. */
export const movesReplicas = (spec: AutoscaleSpec): boolean => spec.mode !== 'ThreadsOnly';
export const movesPool = (spec: AutoscaleSpec): boolean => spec.mode !== 'ReplicasOnly';

/** Classes in which more threads or processes in a pod only wait for what is short already. */
export const keepsPool: ReadonlySet<BottleneckClass> = new Set<BottleneckClass>(['THROTTLED', 'STEAL', 'LOCK', 'STORE']);

/** A full store or a lock is evident in this window, though it may not be the class yet: more slots would only wait there. */
export const isWaitKnown = (situation: Situation): boolean => situation.fullStore !== null || (hasCpuLeft(situation.facts) && lockIsFull(seenIn(situation)) !== null);

/** The most of a knob that may be asked for: its maximum, or where more of it made things worse. */
const mostOf = (knob: 'threads' | 'processes', { spec, memory }: Assessed): number =>
  memory.blocks.reduce((most, block) => (block.knob === knob && block.side === 'up' ? Math.min(most, block.limit) : most), spec[knob].max);

/** Threads per process that a move could reach: what pods are planned with before more of them are asked for. */
export const reachableThreads = (situation: Assessed): number => {
  const { spec, current, class: found } = situation;
  return movesPool(spec) && !keepsPool.has(found) ? Math.max(current.threads, mostOf('threads', situation)) : current.threads;
};

/** How long processes that were asked for may take to come, their start and a rollout included. */
const PROCESSES_COME_MS = 5 * 60_000;

/** Processes that serve: fewer than were asked for while they start, or where a server does not have more. */
export const runningProcesses = ({ current, facts }: Assessed): number => Math.min(current.processes, facts.processes ?? current.processes);

/** Processes that were asked for and never came, in a server that cannot have more. */
const areRefused = (situation: Assessed): boolean => {
  const { current, memory, now, fleet } = situation;
  return runningProcesses(situation) < current.processes && !fleet.rollingOut && now - (memory.threadsMovedAt ?? 0) > PROCESSES_COME_MS;
};

/** Processes that a move could reach. */
export const reachableProcesses = (situation: Assessed): number => {
  const { spec, current, class: found, model } = situation;
  if (areRefused(situation)) return runningProcesses(situation);
  return movesPool(spec) && !keepsPool.has(found) && model?.singleCore === true ? Math.max(current.processes, mostOf('processes', situation)) : current.processes;
};
