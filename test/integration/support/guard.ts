/**
 * Runs one program and ends it when the owner is gone: `node guard.ts SCRATCH-FOLDER COMMAND ARGS…`.
 * The owner holds the other end of the IPC channel; the operating system closes it however the owner dies, SIGKILL included.
 * The guard lives in a session of its own, so a Ctrl-C meant for the owner's terminal does not reach it before it has cleaned up.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { GuardReport } from './guarded-process.ts';

const [scratch = '', command = '', ...args] = process.argv.slice(2);
const report = (message: GuardReport): void => {
  if (process.connected) process.send?.(message);
};

const program = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
let ownerGone = false;

const endWithOwner = (): void => {
  ownerGone = true;
  program.kill('SIGKILL');
};

process.on('disconnect', endWithOwner);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endWithOwner);
process.on('message', (signal: NodeJS.Signals) => program.kill(signal));

program.on('spawn', () => report({ pid: program.pid ?? 0 }));
program.on('error', (error) => {
  report({ failed: error.message });
  process.exit(1);
});
program.on('exit', (code, signal) => {
  report({ exit: signal ?? code ?? 0 });
  if (ownerGone && scratch !== '') rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(0);
});
