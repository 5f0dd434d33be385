/**
 * What clients felt over a run, and what it cost.
 *
 * @module
 */
import type { Outcomes } from './fleet.ts';
import { floor, log, min } from './numbers.ts';

/** Response times are counted in bins of this ratio: quantiles are right to half of it. */
const RATIO = 1.005;
const LEAST_SECONDS = 1e-5;
const BINS = 4600;
const WINDOW_SECONDS = 60;
/** Share of a window's requests that may be over the objective. */
const OVER_SHARE = 0.05;

/** The line that `plateau simulate` prints. */
export interface SimulationResult {
  policy: string;
  requests: number;
  /** Answered later than the objective, turned away, or at the end of the run older than it and not answered. */
  overObjective: number;
  /** Minutes with requests, and those in which more than one in twenty was over the objective. */
  windows: number;
  windowsOver: number;
  podHours: number;
  coreHours: number;
  reversals: number;
  maxReplicas: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}

/** With what the command does not print. */
export interface ResultWithCpu extends SimulationResult {
  /** CPU that the pods used, all together and on average over the run, cores. */
  usedCores: number;
}

export class ClientView implements Outcomes {
  requests = 0;
  answers = 0;
  rejected = 0;
  overObjective = 0;
  readonly #objective: number;
  readonly #inWindow: number[] = [];
  readonly #over: number[] = [];
  readonly #bins = new Float64Array(BINS + 1);
  readonly #perBin = 1 / log(RATIO);

  /** @param objectiveSeconds that 95 % of the requests shall meet */
  constructor(objectiveSeconds: number) {
    this.#objective = objectiveSeconds;
  }

  answered(arrivedAt: number, now: number): void {
    this.answers += 1;
    this.#note(arrivedAt, now - arrivedAt);
  }

  turnedAway(arrivedAt: number): void {
    this.rejected += 1;
    this.#count(arrivedAt, true);
  }

  /** A request that the end of the run finds inside: its age is the least that its client would have waited. */
  unanswered(arrivedAt: number, end: number): void {
    this.#note(arrivedAt, end - arrivedAt);
  }

  get windows(): { all: number; over: number } {
    const used = this.#inWindow.map((requests, minute) => ({ requests, over: this.#over[minute] ?? 0 })).filter(({ requests }) => requests > 0);
    return { all: used.length, over: used.filter(({ requests, over }) => over > OVER_SHARE * requests).length };
  }

  /** Milliseconds; null when nothing was answered. */
  quantileMs(share: number): number | null {
    const total = this.#bins.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    let seen = 0;
    let bin = 0;
    for (; bin < BINS; bin += 1) {
      seen += this.#bins[bin] ?? 0;
      if (seen >= share * total) break;
    }
    return bin === 0 ? 0 : Number((1000 * LEAST_SECONDS * RATIO ** (bin - 0.5)).toPrecision(4));
  }

  #note(arrivedAt: number, seconds: number): void {
    this.#count(arrivedAt, seconds > this.#objective);
    const bin = seconds <= LEAST_SECONDS ? 0 : min(BINS, 1 + floor(log(seconds / LEAST_SECONDS) * this.#perBin));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
  }

  #count(arrivedAt: number, isOver: boolean): void {
    const minute = floor(arrivedAt / WINDOW_SECONDS);
    this.#inWindow[minute] = (this.#inWindow[minute] ?? 0) + 1;
    this.requests += 1;
    if (!isOver) return;
    this.overObjective += 1;
    this.#over[minute] = (this.#over[minute] ?? 0) + 1;
  }
}
