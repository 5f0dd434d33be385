/** Starts a program that cannot outlive this process. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const guard = fileURLToPath(new URL('guard.ts', import.meta.url));

/** What a guard tells its owner: started as this process, could not start, or ended with a code or by a signal. */
export type GuardReport = { pid: number } | { failed: string } | { exit: number | string };

export interface GuardedOptions {
  /** The program's working directory. */
  cwd: string;
  /** Receives standard output and standard error, appended. */
  logFile: string;
  /** A folder to delete when this process dies without having stopped the program. */
  scratch?: string;
}

export interface GuardedProcess {
  readonly pid: number;
  /** Resolves with the exit code or the signal's name once the program has ended. */
  readonly ended: Promise<number | string>;
  /** Still running, as far as the guard has said. */
  readonly isRunning: () => boolean;
  /** Sends the signal, then SIGKILL when the program still runs after `graceMs`; resolves when it has ended. */
  readonly stop: (signal: NodeJS.Signals, graceMs: number) => Promise<void>;
}

/** The last lines of a log, for error messages. */
export const tail = (logFile: string, lines = 15): string => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');

const endOf = (child: ChildProcess): Promise<number | string> =>
  new Promise((resolve) => {
    child.on('message', (message: GuardReport) => {
      if ('exit' in message) resolve(message.exit);
    });
    // A guard that is killed itself reports nothing.
    child.on('exit', (code, signal) => resolve(signal ?? code ?? 0));
  });

const started = async (child: ChildProcess, command: string): Promise<number> => {
  const [message]: [GuardReport] = await Promise.race([
    once(child, 'message') as Promise<[GuardReport]>,
    once(child, 'exit').then((): [GuardReport] => [{ failed: 'its guard ended' }]),
  ]);
  if ('pid' in message) return message.pid;
  throw new Error(`cannot start ${command}: ${'failed' in message ? message.failed : `it ended with ${message.exit}`}`);
};

/**
 * Starts `command` under a guard (see guard.ts). Nothing here keeps this process alive: when it ends, so does the program.
 * @throws when the program cannot be started.
 */
export const startGuarded = async (command: string, args: readonly string[], options: GuardedOptions): Promise<GuardedProcess> => {
  const log = openSync(options.logFile, 'a');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', guard, options.scratch ?? '', command, ...args], {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = endOf(child);
  const exited = new Promise<void>((resolve) => { child.once('exit', () => resolve()); });
  const pid = await started(child, command);
  let running = true;
  void ended.finally(() => { running = false; });
  child.unref();
  child.channel?.unref();
  return {
    pid,
    ended,
    isRunning: () => running,
    stop: async (signal, graceMs) => {
      child.ref();
      if (running) child.send(signal, () => undefined);
      const kill = setTimeout(() => { if (running) child.send('SIGKILL', () => undefined); }, graceMs);
      await Promise.all([ended, exited]);
      clearTimeout(kill);
    },
  };
};
