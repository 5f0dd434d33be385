/**
 * The measuring loop: per fleet and evaluation period a window, a recommendation, and a word to reconcile. It writes nothing.
 *
 * @module
 */
import { fromFormerLeader } from '../../core/autoscale/memory.ts';
import { recommend } from '../../core/autoscale/recommend.ts';
import type { Recommendation } from '../../core/autoscale/types.ts';
import type { Evaluation } from '../../core/decisions/record.ts';
import { parseKey } from '../../runtime/keys.ts';
import type { Clock, Logger, MetricsSink } from '../../runtime/ports.ts';
import { fleetWindow } from './fleet-window.ts';
import type { FleetSource, FleetState, PodTarget } from './ports.ts';
import type { RecommendationStore } from './recommendation-store.ts';
import type { Scraper } from './scraper.ts';

export interface AutoscalerLoopOptions {
  source: FleetSource;
  scraper: Scraper;
  store: RecommendationStore;
  /** Called when a recommendation says something new: enqueue the key. */
  onRecommendation: (key: string) => void;
  /** Called with every evaluation, for the record. */
  onEvaluation?: (evaluation: Evaluation) => void;
  clock: Clock;
  logger: Logger;
  metrics?: MetricsSink;
}

interface Fleet {
  /** Monotonic milliseconds. */
  dueAt: number;
  memory: unknown;
  /** Times in a row that there was nothing to measure. */
  absent: number;
}

/** How often due fleets are looked for, milliseconds. */
const TICK_MS = 250;
/** A fleet that is not there yet is looked for after one second, then two, at last every ten: with a thousand of them each look counts. */
const LONGEST_ABSENCE_MS = 10_000;
/** Scrapes are not faster than this, whatever the evaluation period says. */
const SHORTEST_SCRAPE_MS = 1000;
const LONGEST_SCRAPE_MS = 5000;

/** Scrape period of an evaluation period: two scrapes an evaluation, between one and five seconds. */
export const scrapePeriodMs = (evaluationMs: number): number => Math.min(LONGEST_SCRAPE_MS, Math.max(SHORTEST_SCRAPE_MS, evaluationMs / 2));

const isTarget = (target: PodTarget | null): target is PodTarget => target !== null;

/** True when reconcile has something to do or to say that it had not before. */
const isNews = (before: Recommendation | undefined, after: Recommendation, fleet: FleetState): boolean => {
  const { scale } = after;
  const isMove = scale.replicas !== fleet.current.replicas || scale.threads !== fleet.current.threads || scale.processes !== fleet.current.processes;
  if (isMove || before === undefined) return true;
  return (['class', 'reason', 'guard', 'boundBy', 'objectiveMet'] as const).some((field) => before[field] !== after[field]);
};

/** Runs only on the leader: `start` on gaining leadership, `stop` on losing it, which forgets everything. */
export class AutoscalerLoop {
  readonly #options: AutoscalerLoopOptions;
  readonly #fleets = new Map<string, Fleet>();
  #cancel: (() => void) | null = null;

  constructor(options: AutoscalerLoopOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#cancel === null) this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#fleets.clear();
    this.#options.store.clear();
    this.#options.scraper.stop();
  }

  #tick(): void {
    const now = this.#options.clock.monotonicMs();
    const keys = new Set(this.#options.source.keys());
    for (const key of this.#fleets.keys()) if (!keys.has(key)) this.#forget(key);
    for (const key of keys) {
      const fleet = this.#fleets.get(key);
      if (fleet === undefined || fleet.dueAt <= now) this.#evaluateSafely(key, now);
    }
    this.#cancel = this.#options.clock.schedule(TICK_MS, () => this.#tick());
  }

  #forget(key: string): void {
    this.#fleets.delete(key);
    this.#options.store.delete(key);
    this.#options.scraper.setTargets(key, [], { periodMs: 0, windowMs: 0 });
  }

  #lookLater(key: string, now: number, absent: number): void {
    this.#forget(key);
    this.#fleets.set(key, { absent: absent + 1, memory: null, dueAt: now + Math.min(LONGEST_ABSENCE_MS, 1000 * 2 ** absent) });
  }

  /** One fleet's fault must not stop the others: the law is total, but what the source hands over is not ours. */
  #evaluateSafely(key: string, now: number): void {
    try {
      this.#evaluate(key, now);
    } catch (error) {
      this.#options.logger.error(`evaluating ${key} failed; trying again in a minute`, { fleet: key, error });
      this.#fleets.set(key, { absent: 0, memory: this.#fleets.get(key)?.memory ?? null, dueAt: now + 60_000 });
    }
  }

  #evaluate(key: string, now: number): void {
    const { source, scraper, clock } = this.#options;
    const state = source.fleet(key);
    const known = this.#fleets.get(key);
    if (state === undefined) return this.#lookLater(key, now, known?.absent ?? 0);
    const { periodMs, windowMs } = state.spec.evaluation;
    const targets = state.pods.map(({ target }) => target).filter(isTarget);
    scraper.setTargets(key, targets, { periodMs: scrapePeriodMs(periodMs), windowMs });
    const memory = known?.memory ?? fromFormerLeader(state.storedMemory);
    const input = { spec: state.spec, windows: fleetWindow(state, scraper), memory, now: clock.now() };
    const result = recommend(input);
    // Also while no container runs: the first one is often a moment away, and what is due late starts to be measured late.
    this.#fleets.set(key, { absent: 0, memory: result.memory, dueAt: nextDue(known?.dueAt ?? now, now, periodMs) });
    this.#publish(key, state, result);
    this.#options.onEvaluation?.({ object: objectOf(key, state), input, output: result });
  }

  #publish(key: string, state: FleetState, recommendation: Recommendation): void {
    const { store, clock, metrics, onRecommendation } = this.#options;
    const before = store.get(key)?.recommendation;
    store.set(key, { at: clock.now(), decidedOn: { ...state.current }, recommendation });
    metrics?.increment('plateau_evaluations_total', { class: recommendation.class });
    if (isNews(before, recommendation, state)) onRecommendation(key);
  }
}

const objectOf = (key: string, { uid }: FleetState): Evaluation['object'] => {
  const { namespace = '', name } = parseKey(key);
  return { namespace, name, uid };
};

/** Keeps the beat when an evaluation was late, and does not run after missed ones. */
const nextDue = (dueAt: number, now: number, periodMs: number): number => Math.max(dueAt + periodMs, now + periodMs / 2);
