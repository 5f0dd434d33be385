/**
 * CPU and members of process groups, read from /proc.
 *
 * @module
 */
import { readFileSync, readdirSync } from 'node:fs';

export interface GroupUsage {
  /** Processes of the group now. */
  readonly pids: readonly number[];
  /** CPU time of these processes and of their children that ended and were waited for, seconds. */
  readonly cpuSeconds: number;
}

/** USER_HZ: 100 on every Linux architecture that Node runs on. */
const ticksPerSecond = 100;

/**
 * Usage of each process group of the machine, by group id; empty where there is no /proc.
 *
 * @param known groups that somebody asks for. A group that none of them is, but whose leader one of them has started, counts as part
 *   of it: a server may give its serving processes a session of their own.
 */
export const readGroupUsage = ({ root = '/proc', known = new Set<number>() }: { root?: string; known?: ReadonlySet<number> } = {}): Map<number, GroupUsage> => {
  const processes = new Map<number, Stat>();
  for (const entry of listProcesses(root)) {
    const stat = readStat(`${root}/${entry}/stat`);
    if (stat !== undefined) processes.set(Number(entry), stat);
  }
  const groups = new Map<number, GroupUsage>();
  for (const [pid, { group, ticks }] of processes) {
    const counted = groupOf(group, processes, known);
    const before = groups.get(counted);
    groups.set(counted, { pids: [...(before?.pids ?? []), pid], cpuSeconds: (before?.cpuSeconds ?? 0) + ticks / ticksPerSecond });
  }
  return groups;
};

interface Stat {
  readonly parent: number;
  readonly group: number;
  readonly ticks: number;
}

/** A known group above this one, else this one. A group's id is the process id of its leader. */
const groupOf = (group: number, processes: ReadonlyMap<number, Stat>, known: ReadonlySet<number>): number => {
  const seen = new Set<number>();
  for (let current: number | undefined = group; current !== undefined && !seen.has(current); current = processes.get(processes.get(current)?.parent ?? 0)?.group) {
    if (known.has(current)) return current;
    seen.add(current);
  }
  return group;
};

const listProcesses = (root: string): string[] => {
  try {
    return readdirSync(root).filter((name) => /^[0-9]+$/u.test(name));
  } catch {
    return [];
  }
};

const readStat = (path: string): Stat | undefined => {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is a name in brackets that may hold anything, so count from the last bracket: state, ppid, pgrp, …
  const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its exit code waits to be asked for.
  if (state === 'Z' || state === 'X') return undefined;
  const fields = rest.map(Number);
  // proc(5): pgrp is field 5, utime to cstime are 14 to 17; the first number is field 4.
  const [parent, group, ...times] = [fields[0], fields[1], fields[10], fields[11], fields[12], fields[13]];
  return parent === undefined || group === undefined ? undefined : { parent, group, ticks: times.reduce<number>((sum, time) => sum + (time ?? 0), 0) };
};
