/** What a process needs, from /proc. @module */
import { readFileSync } from 'node:fs';

export interface Usage {
  residentMiB: number;
  /** CPU seconds a second. */
  cores: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

const residentMiB = (pid: number): number => Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024;

/** Waits ten seconds for the dust to settle, then watches for so many seconds. Resident memory at its end. */
export const restingUsage = async (pid: number, seconds: number): Promise<Usage> => {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const [cpu, begin] = [cpuSeconds(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return { residentMiB: residentMiB(pid), cores: (cpuSeconds(pid) - cpu) / ((performance.now() - begin) / 1000) };
};
