/**
 * Starts programs that cannot outlive this one, not even when it is killed with SIGKILL.
 *
 * Each program runs under a shell of its own process group, which holds the reading end of a pipe. Only this process holds
 * the writing end, so the kernel closes it however this process ends; the shell then kills its whole group.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { errorCode } from '../error-code.ts';

/**
 * Descriptor 9 is the pipe. It is opened from standard input because a shell reads single digits only, and taken away from
 * the program, or a program that copies it would keep the group alive. SIGTERM goes to the program alone, as a container
 * runtime sends it to process 1 alone; `wait` ends early when a signal arrives, so it is repeated until the program is gone.
 */
const script = `
exec 9<&0 </dev/null
"$@" 9<&- &
program=$!
( read _ <&9; kill -KILL 0 ) >/dev/null 2>&1 &
watcher=$!
exec 9<&-
trap 'kill -TERM $program 2>/dev/null' TERM
trap '' HUP
while :; do
  wait $program
  code=$?
  kill -0 $program 2>/dev/null || break
done
kill -KILL $watcher
exit $code
`;

export interface GuardedCommand {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Adds a channel for messages; the program must be a Node program. */
  readonly ipc?: boolean;
}

/** How a program ended, in a shell's words: 128 plus the signal's number when a signal ended it. */
export interface Ended {
  readonly code: number;
}

/** A running program with everything it started. */
export interface GuardedProcess {
  /** Process id of the guard, which is also the id of the program's process group. */
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the program has ended and what it left in its group is killed. */
  readonly ended: Promise<Ended>;
  /** Sends SIGTERM to the program, not to its children. */
  terminate(): void;
  /** Kills the whole group at once. */
  kill(): void;
}

/**
 * Starts a program under a guard.
 *
 * @throws Error when no shell can be started
 */
export const startGuarded = ({ argv, cwd, env, ipc = false }: GuardedCommand): GuardedProcess => {
  const child = spawn('/bin/sh', ['-c', script, 'plateau-guard', ...argv], {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    detached: true,
    stdio: ipc ? ['pipe', 'pipe', 'pipe', 'ipc'] : ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('cannot start /bin/sh: every local process runs under a shell that ends it together with plateau');
  // The guard may be gone before the pipe is closed.
  child.stdin?.on('error', () => undefined);
  const kill = (): void => killGroup(pid);
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code) => {
      kill();
      resolve({ code: code ?? 137 });
    });
  });
  return { pid, child, ended, kill, terminate: () => void child.kill('SIGTERM') };
};

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: nothing of the group is left. EPERM on macOS: only zombies are left.
    const code = errorCode(error);
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
};

/**
 * Asks a program to end, and kills its group when it has not after `graceMs` milliseconds.
 *
 * @returns how it ended
 */
export const stopGuarded = async (guarded: GuardedProcess, graceMs: number): Promise<Ended> => {
  guarded.terminate();
  const timer = setTimeout(() => guarded.kill(), graceMs);
  try {
    return await guarded.ended;
  } finally {
    clearTimeout(timer);
  }
};
