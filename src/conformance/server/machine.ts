/**
 * How busy the machine was with other things: a measurement beside them is none.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

/** CPU time of the whole machine since its start, in ticks of all cores. */
export interface MachineTicks {
  readonly busy: number;
  readonly all: number;
}

/** Undefined where the machine does not tell. */
export const machineTicks = (): MachineTicks | undefined => {
  let text: string;
  try {
    text = readFileSync('/proc/stat', 'latin1');
  } catch {
    return undefined;
  }
  // proc(5): user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user already.
  const fields = (text.split('\n')[0] ?? '').trim().split(/\s+/u).slice(1, 9).map(Number);
  const all = fields.reduce((sum, ticks) => sum + ticks, 0);
  return { busy: all - (fields[3] ?? 0) - (fields[4] ?? 0), all };
};

const ticksPerSecond = 100;
/** Below this share of idle time programs wait for each other. */
const littleIdle = 0.2;
/** Others that use less than this share of the cores do not matter. */
const fewOthers = 0.15;

/**
 * The share of the cores that others used between two moments, when it was enough to be in the way; else undefined.
 *
 * @param ownSeconds CPU seconds of the server and the load generator in this time
 */
export const othersInTheWay = (before: MachineTicks | undefined, after: MachineTicks | undefined, ownSeconds: number): number | undefined => {
  if (before === undefined || after === undefined) return undefined;
  const all = after.all - before.all;
  const busy = after.busy - before.busy;
  if (all <= 0 || 1 - busy / all > littleIdle) return undefined;
  const others = (busy - ownSeconds * ticksPerSecond) / all;
  return others > fewOthers ? others : undefined;
};
