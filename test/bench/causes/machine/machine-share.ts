/**
 * How much of the machine others used meanwhile: programs that are none of ours, and the host underneath (steal).
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readTree } from '../../servers/process-tree.ts';

const ticksPerSecond = 100;

interface Ticks {
  readonly atMs: number;
  readonly busySeconds: number;
  readonly stealSeconds: number;
  readonly ownSeconds: number;
}

/** proc(5): user, nice, system, idle, iowait, irq, softirq, steal. What others do at a lower priority gives way and does not count. */
const readTicks = (): Ticks => {
  const fields = (readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '').trim().split(/\s+/u).slice(1, 9).map(Number);
  const at = (index: number): number => (fields[index] ?? 0) / ticksPerSecond;
  return {
    atMs: performance.now(),
    busySeconds: at(0) + at(2) + at(5) + at(6),
    stealSeconds: at(7),
    ownSeconds: readTree(process.pid).cpuSeconds,
  };
};

/** Cores used by others, and cores that the host gave away, on average. */
export interface MachineShare {
  readonly foreignCores: number;
  readonly stealCores: number;
}

/** Tells the shares since the last time it was asked. */
export class MachineMeter {
  #last = readTicks();

  take(): MachineShare {
    const now = readTicks();
    const before = this.#last;
    this.#last = now;
    const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
    const foreign = now.busySeconds - before.busySeconds - (now.ownSeconds - before.ownSeconds);
    return { foreignCores: rounded(Math.max(0, foreign) / seconds), stealCores: rounded((now.stealSeconds - before.stealSeconds) / seconds) };
  }
}

/** Others that use less than this, cores, do not disturb a run (the limits of the measurements that the law began with). */
const mostForeign = 0.35;
const mostSteal = 0.15;

/** True when a run beside these others still says something about the server. */
export const isQuiet = ({ foreignCores, stealCores }: MachineShare): boolean => foreignCores < mostForeign && stealCores < mostSteal;

/** Waits until others leave the machine alone for two seconds. @returns false when they did not in time */
export const waitForQuiet = async (withinSeconds: number): Promise<boolean> => {
  const meter = new MachineMeter();
  for (const began = performance.now(); ; ) {
    await delay(2000);
    if (isQuiet(meter.take())) return true;
    if (performance.now() - began > withinSeconds * 1000) return false;
  }
};

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
