/**
 * What the conditions of a profile mean for one pod: the parts of a request, the cores it can run on, and the quota.
 *
 * @module
 */
import type { Conditions } from './profile.ts';

/** The parts of a request, in order. Those that take no time are left out at run time. */
export const phases = { before: 0, store: 1, cores: 2, after: 3, end: 4 } as const;

/** Length of a CPU quota's period, seconds. */
export const PERIOD = 0.1;

export interface Machine {
  /** Seconds of each part; that of the store is a factor of 1 on what the request brings along. */
  readonly seconds: Float64Array;
  /** The first and last part run one at a time in each process: under an interpreter lock, or on a loop. */
  readonly serial: boolean;
  /** Cores that all threads of a pod can use at one moment. */
  readonly cores: number;
  /** Core-seconds of a period; Infinity where the quota cannot bind. */
  readonly quota: number;
  readonly queueLimit: number;
  /** Cores that a pod stands for in core-hours. */
  readonly reserved: number;
  /**
   * Share of the wait of the part behind the store call that the server counts as store time: its thread has to get the lock back
   * before it can look at the clock. Measured: docs/simulation.md.
   */
  readonly seenAsStore: number;
}

const seenAsStore = { loop: 1, lock: 0.75, cores: 0.4 } as const;

/** Cores without neighbours: enough for the limit to be a quota rather than a speed, as on a node with room. */
const nodeCores = ({ nodeCores: given, coreLimit, processes }: Conditions, isSerial: boolean): number => {
  if (given !== null) return given;
  if (coreLimit === null) return Math.max(processes, 4);
  return isSerial ? Math.max(Math.ceil(coreLimit), processes) : 2 * Math.ceil(coreLimit);
};

/**
 * Neighbours get their cores or, where that is more for the pod, each side its share by weight. Without a node's size they take from the cores
 * that the limit stands for.
 */
const beside = (cores: number, weight: number, neighbours: number): number => Math.max(cores - neighbours, (cores * weight) / (weight + neighbours));

const usableCores = (conditions: Conditions, isSerial: boolean): number => {
  const { coreLimit, neighbourCores, nodeCores: given } = conditions;
  const all = nodeCores(conditions, isSerial);
  if (neighbourCores === 0) return all;
  const weight = coreLimit ?? all;
  return beside(given === null ? weight : all, weight, neighbourCores);
};

const seenFor = ({ model }: Conditions, isSerial: boolean): number => {
  if (!isSerial) return seenAsStore.cores;
  return model === 'eventloop' ? seenAsStore.loop : seenAsStore.lock;
};

/** How the limit acts where the pod could use more cores than it: as a quota, or as a speed. */
const limited = (usable: number, { coreLimit, throttling }: Conditions): Pick<Machine, 'cores' | 'quota'> => {
  if (coreLimit === null || usable <= coreLimit) return { cores: usable, quota: Infinity };
  return throttling ? { cores: usable, quota: coreLimit * PERIOD } : { cores: coreLimit, quota: Infinity };
};

export const machineFor = (conditions: Conditions): Machine => {
  const cpu = conditions.cpuMs / 1000;
  const locked = Math.min(cpu, (conditions.gilMs ?? conditions.cpuMs) / 1000);
  const isSerial = locked > 0;
  const usable = usableCores(conditions, isSerial);
  const half = (isSerial ? locked : cpu) / 2;
  return {
    seconds: Float64Array.of(half, 1, isSerial ? cpu - locked : 0, half),
    serial: isSerial,
    ...limited(usable, conditions),
    queueLimit: conditions.queueLimit ?? Infinity,
    reserved: conditions.coreLimit ?? usable,
    seenAsStore: seenFor(conditions, isSerial),
  };
};
