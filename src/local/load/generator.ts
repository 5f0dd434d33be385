/**
 * The load generator: sends requests when they are due, whatever the server does, and counts latency from that moment.
 * A generator that waited for answers would send less exactly while the server is slow, and would not see the queue.
 *
 * @module
 */
import { Arrivals } from './arrivals.ts';
import type { Spacing } from './arrivals.ts';
import type { Answer } from './endpoints.ts';
import type { LoadSecond } from './second-stats.ts';
import { SecondStats } from './second-stats.ts';
import { errorCode, messageOf } from '../error-code.ts';
import type { Clock, Random } from '../../runtime/ports.ts';

export interface GeneratorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly spacing: Spacing;
  /** Requests per second at a moment, seconds from the start. */
  readonly rate: (seconds: number) => number;
  readonly send: () => Promise<Answer>;
  /** More requests without an answer than this are not sent, and count as failed with the cause `outstanding`. */
  readonly maxOutstanding: number;
  /** Answers that come later count as over, ms. */
  readonly objectiveMs: number;
  readonly onSecond: (second: LoadSecond) => void;
  /** The first answer with status 200 came. */
  readonly onFirstAnswer?: () => void;
}

/** How often due requests are looked for, ms: the most by which the generator itself delays a request, which counts as latency. */
const tickMs = 2;

export class Generator {
  readonly #options: GeneratorOptions;
  readonly #stats: SecondStats;
  readonly #arrivals: Arrivals;
  /** Requests without an answer, by their scheduled moment, oldest first. */
  readonly #outstanding = new Map<number, number>();
  #startMs = 0;
  #second = 0;
  #sequence = 0;
  #answeredAny = false;
  #cancel: () => void = () => undefined;

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.#stats = new SecondStats(options.objectiveMs);
    this.#arrivals = new Arrivals(options);
  }

  /** Begins to send. Requests are due from this moment on. */
  start(): void {
    this.#startMs = this.#options.clock.monotonicMs();
    this.#schedule();
  }

  /**
   * Sends nothing more, waits up to `graceMs` for answers, and reports the rest as failed with the cause `unfinished`.
   */
  async stop(graceMs: number): Promise<void> {
    this.#cancel();
    const { clock } = this.#options;
    const deadline = clock.monotonicMs() + graceMs;
    while (this.#outstanding.size > 0 && clock.monotonicMs() < deadline) {
      await new Promise<void>((resolve) => clock.schedule(10, resolve));
    }
    for (const _ of this.#outstanding) this.#stats.failed('unfinished');
    this.#outstanding.clear();
    this.#closeSecond(true);
  }

  #schedule(): void {
    this.#cancel = this.#options.clock.schedule(tickMs, () => {
      this.#tick();
      this.#schedule();
    });
  }

  #tick(): void {
    const elapsed = (this.#options.clock.monotonicMs() - this.#startMs) / 1000;
    // A tick that comes late must not book its requests into the wrong second.
    while (this.#second + 1 <= elapsed) {
      this.#sendDue(this.#second + 1);
      this.#closeSecond();
    }
    this.#sendDue(elapsed);
  }

  #sendDue(seconds: number): void {
    for (const at of this.#arrivals.takeUntil(seconds)) this.#send(this.#startMs + at * 1000);
  }

  #send(dueMs: number): void {
    this.#stats.sent();
    if (this.#outstanding.size >= this.#options.maxOutstanding) {
      this.#stats.failed('outstanding');
      return;
    }
    const id = this.#sequence++;
    this.#outstanding.set(id, dueMs);
    this.#options.send().then(
      (answer) => this.#settled(id, answer.status === 200 ? null : `status ${answer.status}`),
      (error: unknown) => this.#settled(id, causeOf(error)),
    );
  }

  #settled(id: number, failure: string | null): void {
    const dueMs = this.#outstanding.get(id);
    if (dueMs === undefined) return;
    this.#outstanding.delete(id);
    if (failure !== null) {
      this.#stats.failed(failure);
      return;
    }
    this.#stats.answered(this.#options.clock.monotonicMs() - dueMs);
    if (this.#answeredAny) return;
    this.#answeredAny = true;
    this.#options.onFirstAnswer?.();
  }

  #closeSecond(partial = false): void {
    this.#second += 1;
    const [oldest] = this.#outstanding.values();
    const oldestMs = oldest === undefined ? 0 : this.#options.clock.monotonicMs() - oldest;
    this.#options.onSecond(this.#stats.take(this.#second, { count: this.#outstanding.size, oldestMs }, partial));
  }
}

const causeOf = (error: unknown): string => errorCode(error) ?? messageOf(error).slice(0, 80);
