/** Runs a program of the project with its output on this terminal. @module */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A program that a dependency brought. */
export const dependency = (name: string): string => join(root, 'node_modules', '.bin', name);

/** A terminal's Ctrl-C reaches the whole group; these are sent to this process alone and would leave the child behind. */
const passedOn = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves with the exit code; a program that cannot be started or dies of a signal counts as 1, and the reason is printed.
 * A SIGTERM or SIGHUP for this process ends the program as well as this process.
 */
export const runCommand = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    const endBoth = (signal: NodeJS.Signals): void => {
      child.kill(signal);
      process.exit(1);
    };
    const finish = (code: number): void => {
      for (const signal of passedOn) process.off(signal, endBoth);
      resolve(code);
    };
    for (const signal of passedOn) process.on(signal, endBoth);
    child.on('error', (error) => {
      console.error(`plateau: cannot start ${program}: ${error.message}`);
      finish(1);
    });
    child.on('exit', (code, signal) => {
      if (signal !== null) console.error(`plateau: ${program} died of ${signal}`);
      finish(code ?? 1);
    });
  });
