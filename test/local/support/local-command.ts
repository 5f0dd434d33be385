/**
 * Runs `plateau local` as a user does, for tests.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface LocalCommand {
  readonly child: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves when the output matches; rejects when the command ends first. */
  until(pattern: RegExp): Promise<void>;
  /** Exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

const program = join(process.cwd(), 'src', 'cli', 'plateau.ts');

/** Starts the command, with more variables of environment. */
export const startLocal = (args: readonly string[], more: Record<string, string> = {}): LocalCommand => start(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'local', ...args], more);

/** Starts `npm start -- ARGS`. */
export const startUnderNpm = (args: readonly string[]): LocalCommand => start('npm', ['start', '--', ...args]);

const start = (file: string, args: readonly string[], more: Record<string, string> = {}): LocalCommand => {
  const env = { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))), ...more };
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  return {
    child,
    ended,
    output: () => text,
    until: async (pattern) => {
      let over = false;
      void ended.then(() => (over = true));
      while (!pattern.test(text)) {
        if (over) throw new Error(`ended before it printed ${String(pattern)}:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
};

/** True for a process that runs; a zombie does not. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** All processes that descend from one, by /proc. */
export const descendantsOf = (root: number): number[] => {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^[0-9]+$/u.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Ended meanwhile.
    }
  }
  const found: number[] = [];
  const wanted = [root];
  for (let parent = wanted.pop(); parent !== undefined; parent = wanted.pop()) {
    const children = [...parents].filter(([, ppid]) => ppid === parent).map(([pid]) => pid);
    found.push(...children);
    wanted.push(...children);
  }
  return found;
};

/** Waits until a condition holds. */
export const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 50));
};
