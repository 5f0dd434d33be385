/**
 * What the kernel tells about the pod's CPU: waits for a core, and the cgroup's throttling. Absent where it tells nothing.
 *
 * @module
 */
import { readFileSync, readdirSync } from 'node:fs';

/** Sums run-queue waits over threads that come and go. */
export class RunQueueWaits {
  private last = new Map<string, number>();
  private total = 0;
  private readable = false;

  /**
   * Reads `/proc/PID/task/TID/schedstat`, whose second number is nanoseconds waited on a run queue.
   * @returns seconds since the first call, all threads together; undefined where the kernel does not tell
   */
  read(pids: readonly number[]): number | undefined {
    const seen = new Map<string, number>();
    for (const pid of pids) {
      for (const thread of listThreads(pid)) this.add(`/proc/${pid}/task/${thread}/schedstat`, seen);
    }
    this.last = seen; // threads that are gone are forgotten
    return this.readable ? this.total / 1e9 : undefined;
  }

  private add(path: string, seen: Map<string, number>): void {
    const waited = Number(readText(path)?.split(' ')[1]);
    if (!Number.isFinite(waited)) return;
    this.readable = true;
    this.total += Math.max(0, waited - (this.last.get(path) ?? 0));
    seen.set(path, waited);
  }
}

/** From `cpu.stat` of the pod's own cgroup. */
export interface CpuThrottling {
  periods: number;
  throttledPeriods: number;
  throttledSeconds: number;
}

/** Where a container sees its own cgroup: version 2, then the two usual mounts of version 1. */
const cpuStatPaths = ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat', '/sys/fs/cgroup/cpu,cpuacct/cpu.stat'];

/** Reads the throttling; undefined where no quota can be seen. */
export function readThrottling(paths: readonly string[] = cpuStatPaths): CpuThrottling | undefined {
  for (const path of paths) {
    const text = readText(path);
    const throttling = text === undefined ? undefined : parseCpuStat(text);
    if (throttling !== undefined) return throttling;
  }
  return undefined;
}

/** Parses `cpu.stat` of either version: `throttled_usec` (2) or `throttled_time` in nanoseconds (1). */
export function parseCpuStat(text: string): CpuThrottling | undefined {
  const fields = new Map(text.split('\n').map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
  const periods = fields.get('nr_periods');
  const throttledPeriods = fields.get('nr_throttled');
  const micros = fields.get('throttled_usec') ?? (fields.get('throttled_time') ?? NaN) / 1000;
  if (periods === undefined || throttledPeriods === undefined || !Number.isFinite(micros)) return undefined;
  return { periods, throttledPeriods, throttledSeconds: micros / 1e6 };
}

function listThreads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // gone, or no /proc
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
