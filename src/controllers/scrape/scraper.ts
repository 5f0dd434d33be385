/**
 * Scrapes the admin ports of all pods: each on its own beat, a bounded number at a time, none for longer than its deadline.
 *
 * @module
 */
import type { Dispatcher } from 'undici';
import type { Clock, Logger, MetricsSink, Random } from '../../runtime/ports.ts';
import type { PodSample } from '../../core/autoscale/types.ts';
import { boundedRequest, ExchangeFailure } from './bounded-request.ts';
import type { ExchangeFailureKind } from './bounded-request.ts';
import { isPoolPage, parsePage } from './page.ts';
import { PodRing } from './pod-ring.ts';
import type { PodTarget } from './ports.ts';

/** How a scrape ended. `Status`: not 200; `Malformed`: 200, but no page of a worker pool. */
export type ScrapeOutcome = 'Ok' | 'Status' | 'Malformed' | ExchangeFailureKind;

export interface ScraperOptions {
  clock: Clock;
  random: Random;
  /** Shared connections; the composition root closes them. */
  dispatcher: Dispatcher;
  logger: Logger;
  metrics?: MetricsSink;
  /** Scrapes at the same time over all fleets. */
  concurrency?: number;
  /** Milliseconds until a pod that has not finished its page is dropped. */
  deadlineMs?: number;
  maxBytes?: number;
}

/** The rhythm of one fleet, milliseconds. */
export interface ScrapeRhythm {
  periodMs: number;
  windowMs: number;
}

interface Watched {
  target: PodTarget;
  rhythm: ScrapeRhythm;
  ring: PodRing;
  fleet: string;
  /** Calls off the next scrape. */
  cancel: () => void;
  /** Deadlines missed in a row: such a pod is asked less often, since each attempt blocks a place for the whole deadline. */
  late: number;
  lastOutcome: ScrapeOutcome | null;
}

const MOST_BACKOFF = 4;

export class Scraper {
  readonly #options: Required<Omit<ScraperOptions, 'metrics'>> & { metrics: MetricsSink | undefined };
  readonly #pods = new Map<string, Watched>();
  readonly #fleets = new Map<string, Set<string>>();
  readonly #waiting = new Set<Watched>();
  #running = 0;
  #abort = new AbortController();

  constructor(options: ScraperOptions) {
    this.#options = { concurrency: 128, deadlineMs: 2000, maxBytes: 1 << 20, ...options, metrics: options.metrics };
  }

  /** Sets the pods of one fleet. New ones begin at a random moment of their first period; those that left are forgotten. */
  setTargets(fleet: string, targets: readonly PodTarget[], rhythm: ScrapeRhythm): void {
    const keys = new Set(targets.map((target) => target.key));
    for (const key of this.#fleets.get(fleet) ?? []) if (!keys.has(key)) this.#forget(key);
    for (const target of targets) this.#watch(fleet, target, rhythm);
    if (keys.size === 0) this.#fleets.delete(fleet);
    else this.#fleets.set(fleet, keys);
  }

  /** Fleets that have pods here. */
  fleets(): string[] {
    return [...this.#fleets.keys()];
  }

  /** A pod's window of about `spanMs`; null while two scrapes are missing or when the pod is not watched. */
  sample(podKey: string, spanMs: number): PodSample | null {
    return this.#pods.get(podKey)?.ring.sample(spanMs, this.#options.clock.monotonicMs()) ?? null;
  }

  /** Requests that a pod saw in the window of about `spanMs`. */
  requests(podKey: string, spanMs: number): number {
    return this.#pods.get(podKey)?.ring.requests(spanMs) ?? 0;
  }

  /** How the last scrape of a pod ended; null before the first. */
  lastOutcome(podKey: string): ScrapeOutcome | null {
    return this.#pods.get(podKey)?.lastOutcome ?? null;
  }

  /** Forgets all pods and calls off what is under way. Usable again afterwards. */
  stop(): void {
    for (const key of this.#pods.keys()) this.#forget(key);
    this.#fleets.clear();
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  #watch(fleet: string, target: PodTarget, rhythm: ScrapeRhythm): void {
    const known = this.#pods.get(target.key);
    if (known !== undefined && known.rhythm.windowMs === rhythm.windowMs) {
      known.target = target;
      known.rhythm = rhythm;
      return;
    }
    if (known !== undefined) this.#forget(target.key);
    const ring = new PodRing(rhythm.windowMs, target.incarnation);
    const watched: Watched = { target, rhythm, ring, fleet, cancel: () => {}, late: 0, lastOutcome: null };
    this.#pods.set(target.key, watched);
    this.#scheduleIn(watched, this.#options.random() * rhythm.periodMs);
  }

  #forget(key: string): void {
    const watched = this.#pods.get(key);
    if (watched === undefined) return;
    watched.cancel();
    this.#waiting.delete(watched);
    this.#pods.delete(key);
  }

  #scheduleIn(watched: Watched, delayMs: number): void {
    watched.cancel = this.#options.clock.schedule(delayMs, () => {
      this.#waiting.add(watched);
      this.#pump();
    });
  }

  #pump(): void {
    for (const watched of this.#waiting) {
      if (this.#running >= this.#options.concurrency) return;
      this.#waiting.delete(watched);
      this.#running += 1;
      void this.#scrape(watched).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #scrape(watched: Watched): Promise<void> {
    const { clock } = this.#options;
    const started = clock.monotonicMs();
    const outcome = await this.#exchange(watched);
    this.#options.metrics?.increment('plateau_scrapes_total', { outcome });
    this.#options.metrics?.observe('plateau_scrape_duration_seconds', {}, (clock.monotonicMs() - started) / 1000);
    this.#note(watched, outcome);
    if (this.#pods.get(watched.target.key) !== watched) return;
    const period = watched.rhythm.periodMs * Math.min(MOST_BACKOFF, 2 ** watched.late);
    this.#scheduleIn(watched, Math.max(0, started + period - clock.monotonicMs()));
  }

  async #exchange(watched: Watched): Promise<ScrapeOutcome> {
    const { clock, dispatcher, deadlineMs, maxBytes } = this.#options;
    const { host, port, incarnation } = watched.target;
    const signal = this.#abort.signal;
    try {
      const asked = { method: 'GET', host, port, path: '/metrics', deadlineMs, maxBytes, signal } as const;
      const { status, body } = await boundedRequest(dispatcher, clock, asked);
      if (status !== 200) return 'Status';
      const page = parsePage(body);
      if (!isPoolPage(page)) return 'Malformed';
      watched.ring.add(page, clock.monotonicMs(), incarnation);
      return 'Ok';
    } catch (error) {
      return error instanceof ExchangeFailure ? error.kind : 'Malformed';
    }
  }

  #note(watched: Watched, outcome: ScrapeOutcome): void {
    watched.late = outcome === 'Timeout' || outcome === 'TooLarge' ? Math.min(8, watched.late + 1) : 0;
    if (outcome !== watched.lastOutcome && outcome !== 'Aborted' && (outcome !== 'Ok' || watched.lastOutcome !== null)) {
      const { name, host, port } = watched.target;
      this.#options.logger.debug(`scraping ${name}: ${outcome}`, { pod: name, fleet: watched.fleet, host, port, outcome });
    }
    watched.lastOutcome = outcome;
  }
}
