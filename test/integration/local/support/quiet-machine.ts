/**
 * Waits for a machine that others leave alone: a scenario whose cause is a full core says nothing where nobody gets one.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const ticksPerSecond = 100;
const lookMs = 2_000;
/** Cores that others may use. */
const mostBusy = 0.4;

/** Seconds that all cores together were busy since the machine started: user, nice, system, irq, softirq and steal of proc(5). */
const busySeconds = (): number => {
  const fields = (readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '').trim().split(/\s+/u).slice(1).map(Number);
  return [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (fields[index] ?? 0), 0) / ticksPerSecond;
};

/** Resolves when it is quiet, or after `withinMs` with a line on standard error. */
export const quietMachine = async (withinMs: number): Promise<void> => {
  for (const began = performance.now(); ; ) {
    const before = busySeconds();
    await delay(lookMs);
    const cores = (busySeconds() - before) / (lookMs / 1000);
    if (cores <= mostBusy) return;
    if (performance.now() - began > withinMs) {
      process.stderr.write(`\n!!! others use ${cores.toFixed(1)} cores of this machine: what follows may measure them\n\n`);
      return;
    }
  }
};
