/**
 * Programs that are kept on one core, by `taskset`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { MissingTool } from '../toolchain/missing-tool.ts';
import { runTool } from '../toolchain/run-tool.ts';

/** @throws MissingTool */
export const requireTaskset = async (): Promise<void> => {
  const runs = await runTool('taskset', ['--version']).then(() => true, () => false);
  if (!runs) throw new MissingTool('there is no taskset on this machine, which keeps programs on one core; install util-linux (Linux only)');
};

/** Command line that runs `argv` and all that it starts on one core. */
export const pinnedTo = (core: number, argv: readonly string[]): string[] => ['taskset', '--cpu-list', String(core), ...argv];

/** Numbers in a list such as `0-3,8`, as the kernel writes it; empty for anything else. */
export const parseCores = (list: string): number[] =>
  list.trim().split(',').flatMap((part) => {
    const [, first, last = first] = /^([0-9]+)(?:-([0-9]+))?$/u.exec(part) ?? [];
    return first === undefined ? [] : Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, index) => Number(first) + index);
  });

/** Cores that this process may use; empty where the kernel does not tell. */
export const allowedCores = (status = '/proc/self/status'): number[] => {
  try {
    return parseCores(/^Cpus_allowed_list:\s*(.*)$/mu.exec(readFileSync(status, 'utf8'))?.[1] ?? '');
  } catch {
    return [];
  }
};
