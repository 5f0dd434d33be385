/**
 * Starts the parts of an operator in the right order and stops them in the reverse one.
 *
 * @module
 */
import type { LeaderElector } from './leader-elector.ts';
import type { Clock, Logger } from './ports.ts';
import { aborted, linkSignals, settlesWithin } from './waiting.ts';

/**
 * Something that runs until its signal is aborted. `run` must then resolve; false means that it could not finish what it
 * had begun. Resolving earlier or rejecting stops the manager.
 */
export interface Runnable {
  readonly name: string;
  run(signal: AbortSignal): Promise<unknown>;
  /** Resolves when others may rely on it (a cache that is filled). */
  readonly synced?: Promise<void>;
}

/**
 * - `always`: first up, last down: probes, metrics.
 * - `cache`: reflectors; leaders start when all of them are synced, and standby processes keep them warm.
 * - `leader`: controllers and whatever else only one process may do.
 */
export type Stage = 'always' | 'cache' | 'leader';

export interface ManagerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: everything starts without an election. */
  readonly elector?: LeaderElector;
}

/** Longest time for each stage to stop, ms: above the controller's own drain time. */
const STOP_MS = 15_000;

export class Manager {
  readonly #options: ManagerOptions;
  readonly #runnables: Record<Stage, Runnable[]> = { always: [], cache: [], leader: [] };
  #ready = false;
  #leading = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** Adds a part; before `run`. */
  add(stage: Stage, runnable: Runnable): void {
    this.#runnables[stage].push(runnable);
  }

  /** True when all caches are filled and the process is not stopping: what `/readyz` answers, on standby too. */
  ready(): boolean {
    return this.#ready;
  }

  /** True while the leader stage runs. */
  leading(): boolean {
    return this.#leading;
  }

  /**
   * Runs until `signal` is aborted, the lease is lost or a part fails; stops everything and resolves, or rejects with
   * the failure of the part. Stop order: controllers (intake, then drain), lease, caches, probes.
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = linkSignals(signal);
    const always = this.#start('always', stop.abort);
    const caches = this.#start('cache', stop.abort);
    try {
      if (await this.#cachesSynced(stop.signal)) {
        this.#ready = true;
        await this.#lead(stop.signal, stop.abort);
      }
    } finally {
      this.#ready = false;
      await this.#stopStage(caches);
      await this.#stopStage(always);
      stop.dispose();
    }
    if (stop.signal.reason instanceof PartFailure) throw stop.signal.reason;
  }

  async #cachesSynced(signal: AbortSignal): Promise<boolean> {
    const synced = Promise.all(this.#runnables.cache.map((cache) => cache.synced ?? Promise.resolve()));
    await Promise.race([synced, aborted(signal)]);
    return !signal.aborted;
  }

  async #lead(signal: AbortSignal, stop: (reason: unknown) => void): Promise<void> {
    const { elector } = this.#options;
    if (elector !== undefined && !(await elector.acquire(signal))) return;
    const renewal = new AbortController();
    const kept = elector?.keep(renewal.signal).then((end) => this.#leadershipEnded(end, stop));
    this.#leading = true;
    const leaders = this.#start('leader', stop);
    await aborted(signal);
    const clean = await this.#stopStage(leaders);
    this.#leading = false;
    // Renewal goes on while controllers drain: their last writes need a valid lease.
    renewal.abort();
    await kept;
    if (clean) await elector?.release();
    else this.#options.logger.warn('a part has not stopped: the lease is left to expire rather than released under a write');
  }

  #leadershipEnded(end: 'stopped' | 'lost', stop: (reason: unknown) => void): void {
    if (end !== 'lost') return;
    stop(new PartFailure('the leader lease was lost: exiting, so that no two processes act'));
  }

  #start(stage: Stage, stop: (reason: unknown) => void): RunningStage {
    const controller = new AbortController();
    const runs = this.#runnables[stage].map((runnable) => this.#runOne(runnable, controller.signal, stop));
    return { stage, controller, done: Promise.all(runs) };
  }

  async #runOne(runnable: Runnable, signal: AbortSignal, stop: (reason: unknown) => void): Promise<boolean> {
    try {
      const result = await runnable.run(signal);
      if (!signal.aborted) stop(new PartFailure(`${runnable.name} ended by itself`));
      return result !== false;
    } catch (error) {
      if (signal.aborted) this.#options.logger.warn('a part failed while stopping', { part: runnable.name, error });
      else stop(new PartFailure(`${runnable.name} failed: ${Error.isError(error) ? error.message : String(error)}`, { cause: error }));
      return true;
    }
  }

  async #stopStage({ stage, controller, done }: RunningStage): Promise<boolean> {
    controller.abort(new Error('stopping'));
    if (!(await settlesWithin(this.#options.clock, done, STOP_MS))) {
      this.#options.logger.error('parts did not stop in time; going on without them', { stage });
      return false;
    }
    return (await done).every((clean) => clean);
  }
}

interface RunningStage {
  readonly stage: Stage;
  readonly controller: AbortController;
  readonly done: Promise<boolean[]>;
}

/** Why the manager stopped by itself. */
class PartFailure extends Error {
  override readonly name = 'PartFailure';
}
