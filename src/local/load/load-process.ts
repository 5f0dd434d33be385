/**
 * The parent's side of the load generator's process.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import { startGuarded } from '../process/guard.ts';
import type { GuardedProcess } from '../process/guard.ts';
import { fromGeneratorSchema } from './messages.ts';
import type { StartMessage, ToGenerator } from './messages.ts';
import type { LoadSecond } from './second-stats.ts';

export interface LoadHandlers {
  readonly onSecond: (second: LoadSecond) => void;
  readonly onFirstAnswer: () => void;
  /** The process ended without being asked to; the text is the end of what it printed. */
  readonly onCrash: (code: number, output: string) => void;
}

/** How long answers may still come after the last request was sent, ms. */
const graceMs = 5_000;
const maxOutput = 2_000;

/** A running load generator. */
export class LoadProcess {
  readonly #process: GuardedProcess;
  readonly #stopped: Promise<void>;
  #stopping = false;
  #origins = '';
  #output = '';

  constructor(handlers: LoadHandlers) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = fileURLToPath(new URL(`./process.${extension}`, import.meta.url));
    this.#process = startGuarded({ argv: [process.execPath, '--disable-warning=ExperimentalWarning', script], env: process.env, ipc: true });
    let markStopped: () => void = () => undefined;
    this.#stopped = new Promise((resolve) => {
      markStopped = resolve;
    });
    this.#process.child.on('message', (raw) => {
      const message = fromGeneratorSchema.parse(raw);
      if (message.type === 'second') handlers.onSecond(message.second);
      else if (message.type === 'firstAnswer') handlers.onFirstAnswer();
      else if (message.type === 'stopped') markStopped();
    });
    for (const stream of [this.#process.child.stdout, this.#process.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString('utf8')).slice(-maxOutput);
      });
    }
    void this.#watch(handlers, markStopped);
  }

  /** Process group. */
  get group(): number {
    return this.#process.pid;
  }

  /** Begins to send. */
  start(options: Omit<StartMessage, 'type'>): void {
    this.#tell({ type: 'start', ...options });
  }

  /** Where requests go from now on. */
  setEndpoints(origins: readonly string[]): void {
    const text = origins.join(' ');
    if (text === this.#origins) return;
    this.#origins = text;
    this.#tell({ type: 'endpoints', origins: [...origins] });
  }

  /** Sends nothing more and waits for the last answers; the seconds reported after this are the last. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#tell({ type: 'stop', graceMs });
    const timer = setTimeout(() => this.#process.kill(), graceMs * 2);
    await this.#stopped;
    this.#process.terminate();
    await this.#process.ended;
    clearTimeout(timer);
  }

  async #watch(handlers: LoadHandlers, markStopped: () => void): Promise<void> {
    const { code } = await this.#process.ended;
    if (!this.#stopping) handlers.onCrash(code, this.#output.trim());
    markStopped();
  }

  #tell(message: ToGenerator): void {
    // Without a callback a generator that ends in this very moment would end the run with EPIPE; that it ended is seen in `ended`.
    if (this.#process.child.connected) this.#process.child.send(message, () => undefined);
  }
}
