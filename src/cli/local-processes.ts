/**
 * The processes of a local run: the folder they write to, the operator, and a watch over our own parent.
 *
 * @module
 */
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGuarded, stopGuarded } from '../local/process/guard.ts';
import type { GuardedProcess } from '../local/process/guard.ts';

const prefix = 'plateau-local-';

/** Makes the folder of this run, and removes those of runs that were killed before they could. */
export const makeRunFolder = (): string => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (Number.isInteger(pid) && pid > 0 && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  mkdirSync(join(folder, 'logs'), { mode: 0o700 });
  return folder;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The command line of this very program. */
export const programWords = (): string[] => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return [process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(new URL(`./plateau.${extension}`, import.meta.url))];
};

export interface OperatorOptions {
  readonly kubeconfig: string;
  readonly runFolder: string;
  /** Where it appends its decisions. */
  readonly decisions: string | undefined;
  readonly onProcess: (group: number) => void;
  /** The operator ended without being asked to, for the last time. */
  readonly onFailure: (message: string) => void;
  readonly note: (line: string) => void;
}

const maxRestarts = 3;
const restartAfterMs = 1_000;
const stopWithinMs = 5_000;

/** The operator as a child process, started again when it crashes. */
export class OperatorProcess {
  readonly #options: OperatorOptions;
  readonly #log: string;
  #process: GuardedProcess | undefined;
  #stopping = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#log = join(options.runFolder, 'logs', 'operator.log');
  }

  /** Starts it and keeps it running. */
  start(restarts = 0): void {
    const { kubeconfig, decisions, onProcess } = this.#options;
    const argv = [...programWords(), 'operator', '--kubeconfig', kubeconfig, '--http-port', '0', ...(decisions === undefined ? [] : ['--decisions', decisions])];
    const running = startGuarded({ argv, env: process.env });
    this.#process = running;
    onProcess(running.pid);
    const log = createWriteStream(this.#log, { flags: 'a', mode: 0o600 });
    // A full disk loses the log and nothing else.
    log.on('error', () => undefined);
    running.child.stdout?.pipe(log, { end: false });
    running.child.stderr?.pipe(log, { end: false });
    void this.#watch(running, restarts);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#process !== undefined) await stopGuarded(this.#process, stopWithinMs);
  }

  async #watch(running: GuardedProcess, restarts: number): Promise<void> {
    const { code } = await running.ended;
    if (this.#stopping) return;
    const what = `the operator ended with exit code ${code}: ${lastLine(this.#log)} (log: ${this.#log})`;
    if (restarts >= maxRestarts) {
      this.#options.onFailure(what);
      return;
    }
    this.#options.note(`${what}; starting it again`);
    setTimeout(() => {
      if (!this.#stopping) this.start(restarts + 1);
    }, restartAfterMs);
  }
}

const lastLine = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  } catch {
    return 'it printed nothing';
  }
};

/** The parent of a process, from /proc; undefined where that cannot be read. */
const parentOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
};

/** npm calls itself `npm start …`. */
const isNpm = (pid: number): boolean => {
  try {
    return /^npm\b/u.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  } catch {
    return false;
  }
};

/** Between npm and this process are a shell and the launcher. */
const mostAncestors = 4;

interface Link {
  readonly child: number;
  readonly parent: number;
}

/** Who started whom, from this process up to npm; without npm only our own parent. */
const chainToNpm = (): Link[] => {
  const links: Link[] = [{ child: process.pid, parent: process.ppid }];
  for (let pid = process.ppid; links.length <= mostAncestors; ) {
    if (isNpm(pid)) return links;
    const parent = parentOf(pid);
    if (parent === undefined || parent <= 1) break;
    links.push({ child: pid, parent });
    pid = parent;
  }
  return links.slice(0, 1);
};

/**
 * Calls back once when whoever started this process is gone. Under npm that is npm: it may be killed while the shell and
 * the launcher below it, which nobody told, live on.
 *
 * @returns stops watching
 */
export const watchParents = (onOrphan: () => void): (() => void) => {
  const links = chainToNpm();
  const isBroken = ({ child, parent }: Link): boolean => (child === process.pid ? process.ppid : parentOf(child)) !== parent;
  const timer = setInterval(() => {
    if (!links.some(isBroken)) return;
    clearInterval(timer);
    onOrphan();
  }, 1_000);
  timer.unref();
  return () => clearInterval(timer);
};
