/**
 * Keeps what the benchmark itself starts, load generator and store, off the core that a scenario binds its server to: there they would be neighbours.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const cores = cpus().length;

const bindMyself = (list: string): void => void execFileSync('taskset', ['-a', '-c', '-p', list, String(process.pid)], { stdio: 'ignore' });

/** Cores that this process may use, as the kernel writes them. */
const allowed = (): string => /^Cpus_allowed_list:\s*(\S+)$/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? `0-${cores - 1}`;

/** Leaves a core to the server until the returned function is called. What is started meanwhile inherits it; a server is bound by itself. */
export const leaveCore = (core: number | undefined): (() => void) => {
  if (core === undefined || cores < 2) return () => undefined;
  const before = allowed();
  bindMyself(Array.from({ length: cores }, (_, index) => index).filter((index) => index !== core).join(','));
  return () => bindMyself(before);
};
