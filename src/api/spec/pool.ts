/**
 * `spec.pool`: the inner knob, threads and processes of each pod.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../cel-rules.ts';
import { durationBetween } from '../duration.ts';

/** Most threads of a process, and most processes of a pod, that a spec may name. */
export const poolLimits = { threads: 1024, processes: 64 } as const;

const threadCount = z.int().min(1).max(poolLimits.threads);
const processCount = z.int().min(1).max(poolLimits.processes);

const threads = z
  .object({
    min: threadCount.default(1).describe('Fewest threads of a process.'),
    max: threadCount.default(32).describe('Most threads of a process.'),
    initial: threadCount.default(8).describe('Threads of a process before anything was measured.'),
  })
  .meta(checkedBy(celRules.threadsOrder));

const processes = z
  .object({
    min: processCount.default(1).describe('Fewest processes of a pod.'),
    max: processCount.optional().describe('Most processes of a pod. Absent: the CPU limit rounded down, at least 1; without a limit 1.'),
  })
  .meta(checkedBy(celRules.processesOrder));

export const poolSchema = z.object({
  threads: threads.prefault({}).describe('Blocking threads of each process, or the in-flight limit of an event loop.'),
  processes: processes.prefault({}).describe('Processes of each pod; a loop or an interpreter lock uses at most one core.'),
  warmUp: durationBetween('0s', '1h').default('10s').describe('A younger pod is not learned from.'),
});
