/**
 * What one pod can take: its thread floor, its rate, and the share of it that still meets the objective.
 *
 * @module
 */
import { ceilTolerant, clamp } from './numbers.ts';
import { isLowLoad } from './learn.ts';
import type { Facts } from './measure.ts';
import type { Learned } from './memory.ts';

/**
 * Slots above the mean number of requests inside, in square roots of it: with two, about one request in forty
 * finds no free slot (the square-root staffing rule of Halfin and Whitt).
 */
const TAIL = 2;
const LOWEST_TARGET = 0.3;
/** Below this a request costs nothing that could be measured. */
const LEAST_SECONDS = 1e-6;
/** Cores that one process of an event loop or under a GIL can use. */
const CORES_OF_PROCESS = 1;

/** The pod as a model of stations: CPU per request, time in the pool, and the target utilisation. Seconds. */
export interface PodModel {
  cpu: number;
  /** Store time and its 95th percentile, without what waiting for the CPU added to it. */
  store: number;
  store95: number;
  /** 95th percentile of the CPU part of a service at low load. */
  service95: number;
  /** Time one request holds a slot at low load. */
  hold: number;
  /** Share of the CPU bound that may be used. */
  target: number;
  /** The objective is at or below the store's own 95th percentile: no size of the fleet can meet it. */
  unreachable: boolean;
  /** Whether a process is bound to one core. Without a limit nothing else bounds a pod that anybody could know. */
  singleCore: boolean;
  coreLimit: number | null;
}

/** Target utilisation: a response of g95/(1−ρ) + d95 meets the objective up to this ρ (processor sharing inverted). */
export const targetUtilisation = (objective: number, store95: number, service95: number): number => {
  const left = objective - store95;
  return left <= 0 ? 0.7 : clamp(1 - service95 / left, LOWEST_TARGET, 0.8);
};

/**
 * The model of a pod, or null while the CPU cost of a request is unknown. Under load the store's time reads too long
 * (4 ms reads as 20 to 44 under a contended interpreter, measured): then what was learned at low load counts.
 */
export const podModel = (facts: Facts, learned: Learned, objectiveMs: number): PodModel | null => {
  if (learned.cpu === null) return null;
  const cpu = Math.max(LEAST_SECONDS, learned.cpu);
  const low = isLowLoad(facts);
  const trusted = (seen: number | null, atLowLoad: number | null): number =>
    low ? (seen ?? atLowLoad ?? 0) : Math.min(seen ?? Infinity, atLowLoad ?? seen ?? 0);
  const store = trusted(facts.store, learned.store);
  // Smoothed at low load: one slow window must not make an objective unreachable.
  const store95 = low ? (learned.store95 ?? facts.store95 ?? 0) : trusted(facts.store95, learned.store95);
  const service95 = Math.max(cpu, learned.service95 ?? 1.5 * cpu);
  const known = low || learned.store95 !== null;
  return {
    cpu,
    store,
    store95,
    service95,
    hold: Math.max(LEAST_SECONDS, store + cpu + (learned.rest ?? 0)),
    target: targetUtilisation(objectiveMs / 1000, store95, service95),
    unreachable: known && store95 > 0 && objectiveMs / 1000 <= store95,
    singleCore: facts.gil === 'on' || facts.model !== 'threads' || facts.coreLimit === null,
    coreLimit: facts.coreLimit,
  };
};

/** Requests per second at which the CPU of a pod is full: by its single-core processes, and by its limit. */
export const cpuBound = (model: PodModel, processes: number): number => {
  const byProcess = model.singleCore ? (processes * CORES_OF_PROCESS) / model.cpu : Infinity;
  const byLimit = model.coreLimit === null ? Infinity : model.coreLimit / model.cpu;
  return Math.min(byProcess, byLimit);
};

/** `C = min(P/g, q/s, P·T/(s+d))`: requests per second that a pod can answer at the most. */
export const podCapacity = (model: PodModel, threads: number, processes: number): number =>
  Math.min(cpuBound(model, processes), (processes * threads) / model.hold);

/** Mean number of requests inside that so many slots can hold with headroom for the tail: the inverse of `a + 2√a`. */
const meanInside = (slots: number): number => (Math.sqrt(1 + slots) - 1) ** 2;

/** Requests per second that a pod is planned for: the target share of its CPU, and its slots with headroom for the tail. */
export const plannedRate = (model: PodModel, threads: number, processes: number): number => {
  const slots = processes * threads;
  // For one or two slots the tail formula is far too careful: never plan below the lowest target share.
  const inside = Math.max(meanInside(slots), LOWEST_TARGET * slots);
  return Math.min(model.target * cpuBound(model, processes), inside / model.hold);
};

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
