/**
 * The serving processes, by slot.
 *
 * @module
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const entry = fileURLToPath(new URL('./engine.ts', import.meta.url));
const answerSchema = z.object({ id: z.number(), cpuSeconds: z.number() });
const restartMs = 100;

interface Job {
  readonly slot: number;
  /** False: its engine died. */
  readonly done: (ok: boolean, slot: number) => void;
}

export class Engines {
  readonly #slots: (ChildProcess | undefined)[] = [];
  readonly #jobs = new Map<number, Job>();
  /** CPU seconds of each slot: those of engines that are gone, and of the present one. */
  readonly #gone = new Map<number, number>();
  readonly #present = new Map<number, number>();
  readonly #onDeath: (slot: number) => void;
  readonly #restarts: boolean;
  #wanted = 0;
  #next = 0;
  #turn = 0;

  constructor(options: { restarts: boolean; onDeath: (slot: number) => void }) {
    this.#restarts = options.restarts;
    this.#onDeath = options.onDeath;
  }

  get alive(): number {
    return this.#slots.filter((engine) => engine !== undefined).length;
  }

  cpu(): Map<number, number> {
    const slots = [...new Set([...this.#gone.keys(), ...this.#present.keys()])].sort((left, right) => left - right);
    return new Map(slots.map((slot) => [slot, (this.#gone.get(slot) ?? 0) + (this.#present.get(slot) ?? 0)]));
  }

  /** One more starts at once, one too many ends when its work is done. */
  resize(wanted: number): void {
    this.#wanted = wanted;
    for (let slot = 0; slot < Math.max(wanted, this.#slots.length); slot += 1) {
      if (slot < wanted) this.#start(slot);
      else this.#retire(slot);
    }
  }

  work(done: Job['done']): void {
    const slots = this.#slots.flatMap((engine, slot) => (engine === undefined ? [] : [slot]));
    const slot = slots[this.#turn++ % Math.max(1, slots.length)];
    if (slot === undefined) {
      setTimeout(() => this.work(done), restartMs / 4);
      return;
    }
    const id = this.#next++;
    this.#jobs.set(id, { slot, done });
    this.#slots[slot]?.send(id);
  }

  #start(slot: number): void {
    if (this.#slots[slot] !== undefined) return;
    const engine = fork(entry, [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#slots[slot] = engine;
    this.#present.set(slot, 0);
    engine.on('message', (raw) => {
      const { id, cpuSeconds } = answerSchema.parse(raw);
      if (this.#slots[slot] === engine) this.#present.set(slot, cpuSeconds);
      this.#finish(id, true);
    });
    engine.on('exit', () => this.#exited(slot, engine));
  }

  #retire(slot: number): void {
    const engine = this.#slots[slot];
    this.#slots[slot] = undefined;
    this.#keepCpu(slot);
    const leave = (): void => {
      if ([...this.#jobs.values()].some((job) => job.slot === slot)) setTimeout(leave, 20);
      else engine?.kill();
    };
    leave();
  }

  #exited(slot: number, engine: ChildProcess): void {
    if (this.#slots[slot] !== engine) return;
    this.#slots[slot] = undefined;
    this.#keepCpu(slot);
    this.#onDeath(slot);
    for (const [id, job] of this.#jobs) if (job.slot === slot) this.#finish(id, false);
    if (this.#restarts) setTimeout(() => this.resize(this.#wanted), restartMs);
  }

  #keepCpu(slot: number): void {
    this.#gone.set(slot, (this.#gone.get(slot) ?? 0) + (this.#present.get(slot) ?? 0));
    this.#present.delete(slot);
  }

  #finish(id: number, ok: boolean): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    job?.done(ok, job.slot);
  }
}
