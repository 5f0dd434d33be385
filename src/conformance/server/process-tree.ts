/**
 * The processes below one, and what each has used of the CPU; from /proc.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Whether this machine tells. */
export const hasProcessTree = process.platform === 'linux';

/** Processes whose parent is this one; none when it has gone. Each thread lists those that it started itself. */
export const childrenOf = (pid: number): number[] =>
  threadsOf(pid)
    .flatMap((thread) => readText(`/proc/${pid}/task/${thread}/children`).split(' ').map(Number))
    .filter((child) => child > 0);

const threadsOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

/** Children, their children, and so on. */
export const descendantsOf = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/** CPU time of one process, in the kernel's ticks of 10 ms; 0 when it has gone. */
export const cpuTicksOf = (pid: number): number => {
  const stat = readText(`/proc/${pid}/stat`);
  // Behind the name, which may hold anything: state is field 3, utime and stime are 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
  return (fields[11] ?? 0) + (fields[12] ?? 0);
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
};
