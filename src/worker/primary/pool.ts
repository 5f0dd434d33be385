/**
 * The pool as the admin port shows and changes it.
 *
 * @module
 */
import type { PoolChange, PoolConfig, PoolState } from '../../api/protocol.ts';
import type { Knobs } from '../messages.ts';
import { judgeChange } from './generation.ts';
import type { Verdict } from './generation.ts';
import type { Processes } from './processes.ts';

/** How long a change may take to be in force before its caller is told to ask again. */
const inForceMs = 20_000;

export interface PoolLimits {
  threadsMax: number;
  processesMax: number;
  queueFactor: number;
}

/** What became of a change. */
export type Outcome = Exclude<Verdict, { kind: 'apply' | 'same' }> | { kind: 'inForce' } | { kind: 'slow'; message: string };

/** What the pool needs of its processes. */
export type PoolProcesses = Pick<Processes, 'apply' | 'inForce' | 'ending'>;

export class Pool {
  private config: PoolConfig;
  /** What all processes have acknowledged. */
  private acknowledged: PoolConfig;
  private readonly limits: PoolLimits;
  private readonly processes: PoolProcesses;
  private previous: Promise<unknown> = Promise.resolve();
  /** What is being made true; it goes on when its caller has been told that it is slow. */
  private work: { config: PoolConfig; done: Promise<boolean> } | undefined;

  constructor(config: PoolConfig, limits: PoolLimits, processes: PoolProcesses) {
    this.config = config;
    this.acknowledged = config;
    this.limits = limits;
    this.processes = processes;
  }

  get inForce(): PoolConfig {
    return this.acknowledged;
  }

  state(): PoolState {
    const { threads, processes, generation, objectiveMs } = this.config;
    return {
      threads,
      processes,
      generation,
      objectiveMs,
      limits: poolLimits(this.limits),
      live: { threads: true, processes: true },
      model: 'eventloop',
      knob: 'inflight',
      gil: 'none',
    };
  }

  /** Brings the first configuration into force. */
  async start(): Promise<void> {
    this.previous = this.enforce();
    await this.previous;
  }

  /** Judges a change, and makes it true; one after the other, in the order they came. One whose turn does not come in time is not made. */
  async change(change: PoolChange): Promise<Outcome> {
    const message = `generation ${change.generation} is not in force in all processes yet; ask again with the same body`;
    const slow: Outcome = { kind: 'slow', message };
    let isLate = false;
    const late = new Promise<Outcome>((resolve) => setTimeout(() => resolve(slow), inForceMs).unref()).finally(() => (isLate = true));
    const turn = this.previous.then(() => (isLate ? slow : Promise.race([this.changeNow(change, slow), late])));
    this.previous = turn.catch(() => undefined);
    return Promise.race([turn, late]);
  }

  private async changeNow(change: PoolChange, slow: Outcome): Promise<Outcome> {
    const verdict = judgeChange(change, this.config, this.state().limits);
    if (verdict.kind === 'stale' || verdict.kind === 'outside') return verdict;
    if (verdict.kind === 'apply') this.config = verdict.next;
    return (await this.enforce()) ? { kind: 'inForce' } : slow;
  }

  /** Resolves to false when another configuration came, or the end, before this one was in force. A repeated change joins the first. */
  private async enforce(): Promise<boolean> {
    const { config } = this;
    if (this.work?.config === config) return this.work.done;
    const work = { config, done: this.bringAbout(config) };
    this.work = work;
    return work.done.finally(() => {
      if (this.work === work) this.work = undefined;
    });
  }

  private async bringAbout(config: PoolConfig): Promise<boolean> {
    const knobs = this.knobs(config);
    const isOver = (): boolean => this.config !== config || this.processes.ending;
    await this.processes.apply(config.processes, knobs);
    // A process that died meanwhile comes back with the new knobs; until then the change is not in force.
    while (!this.processes.inForce(config.processes, knobs)) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      if (isOver()) return false;
      await this.processes.apply(config.processes, knobs);
    }
    if (this.config === config) this.acknowledged = config;
    return true;
  }

  private knobs({ threads, objectiveMs }: PoolConfig): Knobs {
    return { inflight: threads, queue: queueFor(threads, this.limits.queueFactor), objectiveMs };
  }
}

/** The sizes that the pool may have. */
export function poolLimits({ threadsMax, processesMax }: Pick<PoolLimits, 'threadsMax' | 'processesMax'>): PoolState['limits'] {
  return { threads: { min: 1, max: threadsMax }, processes: { min: 1, max: processesMax } };
}

/** Requests that may wait in a process: in proportion to its places, and room for a burst when it has few. */
export function queueFor(threads: number, factor: number): number {
  return Math.max(64, Math.ceil(threads * factor));
}
