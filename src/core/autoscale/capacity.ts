/**
 * What one pod can take: its thread floor, its rate, and the share of it that still meets the objective.
 *
 * @module
 */
import type { BottleneckClass, Scale } from '../../api/featureserver-status.ts';
import { waitPerCpuSecond } from './classes/signals.ts';
import { ceilTolerant, clamp } from './numbers.ts';
import { isLowLoad } from './learn.ts';
import type { Facts } from './measure.ts';
import type { Learned } from './memory.ts';
import { shareThatMeets } from './response.ts';
import type { RequestTimes } from './response.ts';

/**
 * Slots above the mean number of requests inside, in square roots of it: with two, about one request in forty
 * finds no free slot (the square-root staffing rule of Halfin and Whitt).
 */
const TAIL = 2;
const LOWEST_TARGET = 0.3;
/** Room for what a scale-up takes to come: 0.65 had 1.9 times the requests over the objective, a full store's left out, for 15 % fewer pod-hours (docs/simulation.md). */
const PLANNED_TARGET = 0.5;
const UNREACHABLE_TARGET = 0.7;
/** With the correction by what the objective really did. */
const HIGHEST_TARGET = 0.55;
/** Below this a request costs nothing that could be measured. */
const LEAST_SECONDS = 1e-6;
/** Cores that one process of an event loop or under a GIL can use. */
const CORES_OF_PROCESS = 1;
/** A neighbour that takes more of a core than this is planned for as if it took so much. */
const LEAST_CORE = 0.25;

/** The pod as a model of stations: CPU per request, time in the pool, and the target utilisation. Seconds. */
export interface PodModel extends RequestTimes {
  /** Time one request holds a slot at low load. */
  hold: number;
  /** Share of the CPU bound that may be used. */
  target: number;
  /** The objective is at or below the store's own 95th percentile: no size of the fleet can meet it. */
  unreachable: boolean;
  /** Whether a process is bound to one core. Without a limit nothing else bounds a pod that anybody could know. */
  singleCore: boolean;
  coreLimit: number | null;
  /** Share of the time in which a runnable thread has a core: below 1 where a neighbour takes it. */
  coreShare: number;
  /** Requests per second that a lock inside the pod lets through; infinite without one. */
  lockRate: number;
}

/** Share of the CPU to plan with: as much as meets the objective (seconds), and 0.7 where the store alone does not. `trim` corrects it. */
export const targetUtilisation = (objective: number, times: RequestTimes, trim = 0): number =>
  objective <= times.store95 ? UNREACHABLE_TARGET : clamp(shareThatMeets(objective, times, LOWEST_TARGET, PLANNED_TARGET) + trim, LOWEST_TARGET, HIGHEST_TARGET);

/** Share of a core that a neighbour leaves, as the run-queue wait tells it. */
const coreShare = (facts: Facts, found: BottleneckClass): number => (found === 'STEAL' ? clamp(1 / (1 + (waitPerCpuSecond(facts) ?? 0)), LEAST_CORE, 1) : 1);

/**
 * Store time, mean and 95th percentile. Under load it reads too long (4 ms reads as 20 to 44 under a contended interpreter, measured), and so does that
 * of a store that is full: then what was learned at low load counts. The percentile is smoothed at low load: one slow window must not make an objective unreachable.
 */
const storeTimes = (facts: Facts, learned: Learned, found: BottleneckClass): Pick<PodModel, 'store' | 'store95'> => {
  if (isLowLoad(facts) && found !== 'STORE') return { store: facts.store ?? learned.store ?? 0, store95: learned.store95 ?? facts.store95 ?? 0 };
  const trusted = (seen: number | null, atLowLoad: number | null): number => Math.min(seen ?? Infinity, atLowLoad ?? seen ?? 0);
  return { store: trusted(facts.store, learned.store), store95: trusted(facts.store95, learned.store95) };
};

/** The model of a pod, or null while the CPU cost of a request is unknown. */
export const podModel = (facts: Facts, learned: Learned, objectiveMs: number, found: BottleneckClass = 'OK'): PodModel | null => {
  if (learned.cpu === null) return null;
  const cpu = Math.max(LEAST_SECONDS, learned.cpu);
  const { store, store95 } = storeTimes(facts, learned, found);
  const service95 = Math.max(cpu, learned.service95 ?? 1.5 * cpu);
  const isKnown = isLowLoad(facts) || learned.store95 !== null;
  return {
    cpu,
    store,
    store95,
    service95,
    hold: Math.max(LEAST_SECONDS, store + cpu + (learned.rest ?? 0)),
    target: targetUtilisation(objectiveMs / 1000, { cpu, service95, store, store95 }, learned.trim),
    unreachable: isKnown && store95 > 0 && objectiveMs / 1000 <= store95,
    singleCore: facts.gil === 'on' || facts.model !== 'threads' || facts.coreLimit === null,
    coreLimit: facts.coreLimit,
    coreShare: coreShare(facts, found),
    lockRate: learned.lockRate ?? Infinity,
  };
};

/** Requests per second at which the CPU of a pod is full: by its single-core processes, and by its limit. */
export const cpuBound = (model: PodModel, processes: number): number => {
  const byProcess = model.singleCore ? (processes * CORES_OF_PROCESS) / model.cpu : Infinity;
  const byLimit = model.coreLimit === null ? Infinity : model.coreLimit / model.cpu;
  return model.coreShare * Math.min(byProcess, byLimit);
};

/** `C = min(P/g, q/s, P·T/(s+d), what a lock lets through)`: requests per second that a pod can answer at the most. */
export const podCapacity = (model: PodModel, threads: number, processes: number): number =>
  Math.min(cpuBound(model, processes), model.lockRate, (processes * threads) / model.hold);

/** Mean number of requests inside that so many slots can hold with headroom for the tail: the inverse of `a + 2√a`. */
const meanInside = (slots: number): number => (Math.sqrt(1 + slots) - 1) ** 2;

/** Requests per second that a pod is planned for: the target share of its CPU, and its slots with headroom for the tail. */
export const plannedRate = (model: PodModel, threads: number, processes: number): number => {
  const slots = processes * threads;
  // For one or two slots the tail formula is far too careful: never plan below the lowest target share.
  const inside = Math.max(meanInside(slots), LOWEST_TARGET * slots);
  return Math.min(model.target * Math.min(cpuBound(model, processes), model.lockRate), inside / model.hold);
};

/** Whether the slots of a pod are used up before its CPU is, or what a lock lets through. */
export const isPlannedBySlots = (model: PodModel, { threads, processes }: Scale): boolean =>
  plannedRate(model, threads, processes) < 0.99 * model.target * Math.min(cpuBound(model, processes), model.lockRate);

/**
 * Threads for each process so that slots rarely run out at `rate` requests per second a pod. More than the CPU can
 * answer never needs a slot: at the plateau more threads only wait for the core.
 */
export const threadFloor = (model: PodModel, rate: number, processes: number): number => {
  const inside = Math.min(rate, cpuBound(model, processes)) * model.hold;
  return Math.max(1, ceilTolerant((inside + TAIL * Math.sqrt(inside)) / processes));
};

/** Threads that serve a pod at the rate it is planned for: what a quiet fleet keeps, so that the next rise finds them. */
export const threadsAtPlan = (model: PodModel, processes: number): number =>
  threadFloor(model, model.target * cpuBound(model, processes), processes);
