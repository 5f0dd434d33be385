/**
 * CPU and memory of a program and everything below it, from /proc.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 100 on every Linux architecture that Node runs on. */
const ticksPerSecond = 100;

export interface TreeUsage {
  /** CPU of all processes of the tree, and of those that ended and were waited for, seconds. */
  readonly cpuSeconds: number;
  /** Proportional share of memory (PSS), bytes: pages that processes share count once. */
  readonly memoryBytes: number;
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

/** What the tree below a process id uses now. */
export const readTree = (root: number, withMemory = false): TreeUsage => {
  const stats = readAll();
  const members = descendants(root, stats);
  const ticks = members.reduce((sum, pid) => sum + (stats.get(pid)?.ticks ?? 0), 0);
  return { cpuSeconds: ticks / ticksPerSecond, memoryBytes: withMemory ? members.reduce((sum, pid) => sum + proportionalBytes(pid), 0) : 0 };
};

const readAll = (): Map<number, Stat> => {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^[0-9]+$/u.test(name) ? readStat(name) : undefined;
    if (stat !== undefined) stats.set(Number(name), stat);
  }
  return stats;
};

/** proc(5): after the name in brackets come state, ppid, …; utime to cstime are fields 14 to 17. */
const readStat = (pid: string): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    return { parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, value) => sum + value, 0) };
  } catch {
    return undefined;
  }
};

const descendants = (root: number, stats: ReadonlyMap<number, Stat>): number[] => {
  const members = [root];
  for (const member of members) for (const [pid, { parent }] of stats) if (parent === member) members.push(pid);
  return members;
};

const proportionalBytes = (pid: number): number => {
  try {
    return Number(/^Pss:\s+([0-9]+) kB/mu.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
};
