/** Runs a program of the project with its output on this terminal. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors.ts';

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A program that a dependency brought. */
export const dependency = (name: string): string => join(root, 'node_modules', '.bin', name);

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long a program may take to end after it was told to, ms. */
const graceMs = 10_000;

/** This process was told to end, and has ended the program that it ran. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}: not all was tested`);
    this.signal = signal;
  }
}

export interface CommandOptions {
  /** Default: the folder of the checkout. */
  cwd?: string;
  /** Added to the environment of this process. */
  env?: NodeJS.ProcessEnv;
  /** A program that runs longer is ended, ms. */
  deadlineMs: number;
}

/** To the program and all that it started: a worker in an endless loop does not notice that its parent has gone. */
const sendToGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended meanwhile.
  }
};

const end = (child: ChildProcess, signal: NodeJS.Signals): void => {
  sendToGroup(child, signal);
  setTimeout(() => sendToGroup(child, 'SIGKILL'), graceMs).unref();
};

const exitOf = (program: string, child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`plateau: cannot start ${program}: ${messageOf(error)}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      if (signal !== null) console.error(`plateau: ${program} died of ${signal}`);
      resolve(code ?? 1);
    });
  });

/**
 * Resolves with the exit code; a program that cannot be started, dies of a signal or passes its deadline counts as 1, and the
 * reason is printed. @throws Interrupted when this process was told to end meanwhile; the program has then ended.
 */
export const runCommand = async (program: string, args: readonly string[], { cwd = root, env = {}, deadlineMs }: CommandOptions): Promise<number> => {
  // A group of its own, so that it can be ended as a whole; a terminal's Ctrl-C is therefore passed on as well.
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env }, detached: true });
  const told: NodeJS.Signals[] = [];
  const interrupt = (signal: NodeJS.Signals): void => {
    told.push(signal);
    end(child, signal);
  };
  for (const signal of signals) process.on(signal, interrupt);
  const deadline = setTimeout(() => {
    console.error(`plateau: ${program} still ran after ${Math.round(deadlineMs / 6_000) / 10} minutes and is ended; look for what hangs among the tests that have not reported above`);
    end(child, 'SIGTERM');
  }, deadlineMs);
  const code = await exitOf(program, child);
  clearTimeout(deadline);
  for (const signal of signals) process.off(signal, interrupt);
  // Nothing that it left in its group goes on behind our back.
  sendToGroup(child, 'SIGKILL');
  if (told[0] !== undefined) throw new Interrupted(told[0]);
  return code;
};
