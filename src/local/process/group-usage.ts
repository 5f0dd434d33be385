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

/** Usage of each process group of the machine, by group id; empty where there is no /proc. */
export const readGroupUsage = (root = '/proc'): Map<number, GroupUsage> => {
  const groups = new Map<number, GroupUsage>();
  for (const entry of listProcesses(root)) {
    const stat = readStat(`${root}/${entry}/stat`);
    if (stat === undefined) continue;
    const before = groups.get(stat.group);
    groups.set(stat.group, {
      pids: [...(before?.pids ?? []), Number(entry)],
      cpuSeconds: (before?.cpuSeconds ?? 0) + stat.ticks / ticksPerSecond,
    });
  }
  return groups;
};

const listProcesses = (root: string): string[] => {
  try {
    return readdirSync(root).filter((name) => /^[0-9]+$/u.test(name));
  } catch {
    return [];
  }
};

const readStat = (path: string): { group: number; ticks: number } | undefined => {
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
  const [group, ...times] = [fields[1], fields[10], fields[11], fields[12], fields[13]];
  return group === undefined ? undefined : { group, ticks: times.reduce<number>((sum, time) => sum + (time ?? 0), 0) };
};
