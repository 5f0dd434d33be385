/**
 * One run: the server, what the checks share about it, and what each of them may use.
 *
 * @module
 */
import type { PoolState } from '../api/protocol.ts';
import { Failed, NotChecked } from './check.ts';
import { describe } from './http.ts';
import { startLoad } from './load/load.ts';
import type { Load } from './load/load.ts';
import { answeredOf, failuresOf } from './load/job.ts';
import type { LoadJob, LoadResult } from './load/job.ts';
import type { ConformanceOptions } from './options.ts';
import type { StartedServer } from './server/started-server.ts';
import type { StoreSwitch } from './server/store-switch.ts';
import type { Subject } from './subject.ts';

/** What a server that was started here said when it first was ready. */
export interface FirstReady {
  readonly asked: { readonly threads: number; readonly processes: number; readonly generation: number; readonly objectiveMs: number };
  readonly state: PoolState;
  /** What the metrics page showed in the same moment. */
  readonly threads: number;
  readonly generation: number;
}

export interface SessionParts {
  readonly options: ConformanceOptions;
  readonly subject: Subject;
  readonly started: StartedServer | undefined;
  readonly firstReady: FirstReady | undefined;
  readonly store: StoreSwitch | undefined;
  /** For files of servers that a check starts. */
  readonly folder: string;
}

type LoadWish = Pick<LoadJob, 'mode' | 'seconds'> & { readonly keepAlive?: boolean; readonly shape?: string };

/** Of synthetic requests. */
export const usualShape = '1x50';
const requestTimeoutMs = 30_000;
/** Clients that find out what a server can do: several times the slots of a small pool, within its queue. */
const capacityClients = 16;

export class Session implements SessionParts {
  readonly options: ConformanceOptions;
  readonly subject: Subject;
  readonly started: StartedServer | undefined;
  readonly firstReady: FirstReady | undefined;
  readonly store: StoreSwitch | undefined;
  readonly folder: string;
  /** The size that the server had when the run began. */
  initial: PoolState | undefined;
  readonly #shared = new Map<string, Promise<unknown>>();
  #seed = 1;

  constructor({ options, subject, started, firstReady, store, folder }: SessionParts) {
    this.options = options;
    this.subject = subject;
    this.started = started;
    this.firstReady = firstReady;
    this.store = store;
    this.folder = folder;
  }

  /** Does something once in a run; whoever asks again gets the same, an error too. */
  async once<Fact>(name: string, find: () => Promise<Fact>): Promise<Fact> {
    const known = this.#shared.get(name);
    // The name belongs to one function only, which is what makes its type known.
    if (known !== undefined) return known as Promise<Fact>;
    const found = find();
    this.#shared.set(name, found);
    return found;
  }

  /** Main process of the server. @throws NotChecked */
  pid(): number {
    const { target } = this.options;
    const pid = target.kind === 'running' ? target.pid : this.started?.pid();
    if (pid === undefined) throw new NotChecked('it needs the server\'s process: give --pid PID, or the command that starts it behind --');
    return pid;
  }

  /** @throws NotChecked; Failed when the server does not answer the request with 200 */
  async startLoad({ keepAlive = true, shape = usualShape, ...wish }: LoadWish): Promise<Load> {
    await this.once('a request is answered', () => this.#mustAnswer());
    const { subject, options } = this;
    return startLoad({ ...wish, keepAlive, shape, origin: subject.servingUrl, path: subject.path, body: options.body, timeoutMs: requestTimeoutMs, seed: this.#seed++ });
  }

  async load(wish: LoadWish): Promise<LoadResult> {
    return (await this.startLoad(wish)).result;
  }

  /** Requests a second that the server answers at its initial size, found by a closed loop. @throws Failed, NotChecked */
  async capacity(shape = usualShape): Promise<number> {
    return this.once(`capacity ${shape}`, async () => {
      const mode = { kind: 'closed', clients: capacityClients } as const;
      await this.load({ mode, shape, seconds: this.options.quick ? 0.5 : 1 });
      const result = await this.load({ mode, shape, seconds: this.options.quick ? 1 : 2 });
      const perSecond = answeredOf(result) / result.seconds;
      if (perSecond > 0) return perSecond;
      throw new Failed(`answers to ${capacityClients} clients that ask one request at a time`, failuresOf(result));
    });
  }

  async #mustAnswer(): Promise<void> {
    const answer = await this.subject.request();
    if (answer.status === 200) return;
    const remedy = this.options.body === null ? 'serve the synthetic features (plateau load-features) or give --request-body FILE and --path PATH' : 'see --request-body and --path';
    throw new NotChecked(`it sends requests that the server should answer with 200, and it answers ${describe(answer)}; ${remedy}`);
  }
}
