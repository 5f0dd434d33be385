/**
 * Keeps a store equal to the server's objects of one kind: list, then watch, for as long as the process lives.
 *
 * @module
 */
import { fullJitterMs } from './backoff.ts';
import type { BackoffOptions } from './backoff.ts';
import { listAll } from './list-all.ts';
import { ApiError, isApiError } from './ports.ts';
import type { ApiClient, Clock, Logger, Random, ResourceType, WatchEvent } from './ports.ts';
import { isOlderVersion } from './resource-version.ts';
import type { Store } from './store.ts';
import { linkSignals, sleep } from './waiting.ts';
import { StallWatchdog } from './stall-watchdog.ts';

export interface ReflectorTuning {
  /** Objects a page. */
  readonly pageSize: number;
  /** Each watch ends by itself after a random time between these, so that the watches of many clients do not end together. */
  readonly watchSeconds: { readonly min: number; readonly max: number };
  /** How long past its end the server may take to close a watch before we do, ms. */
  readonly stallGraceMs: number;
  /**
   * Longest silence of a watch, ms. The server sends a bookmark about once a minute even when nothing changes, and
   * reconnecting costs no list.
   */
  readonly idleMs: number;
  readonly backoff: BackoffOptions;
  /** A watch without an event that ends sooner than this counts as failed, ms. */
  readonly shortWatchMs: number;
  /** After so many failed watches in a row the next attempt lists again. */
  readonly relistAfterFailures: number;
  /** Lists again when the last list is older, ms: bounds whatever the watches failed to tell. */
  readonly maxListAgeMs: number;
}

const defaultReflectorTuning: ReflectorTuning = {
  pageSize: 500,
  watchSeconds: { min: 240, max: 480 },
  stallGraceMs: 30_000,
  idleMs: 180_000,
  // client-go's reflector: 800 ms to 30 s.
  backoff: { baseMs: 800, maxMs: 30_000 },
  shortWatchMs: 1_000,
  relistAfterFailures: 5,
  maxListAgeMs: 3_600_000,
};

export interface ReflectorOptions {
  readonly client: Pick<ApiClient, 'list' | 'watch'>;
  readonly type: ResourceType;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly tuning?: Partial<ReflectorTuning>;
}

export class Reflector {
  /** Resolves after the first complete list is in the store. Never rejects. */
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions;
  readonly #tuning: ReflectorTuning;
  readonly #selection: { namespace?: string; labelSelector?: string; fieldSelector?: string };
  readonly #clock: Clock;
  readonly #logger: Logger;
  #markSynced: () => void = () => undefined;
  /** The resource version up to which the store is known to be right, where the next watch starts; undefined: list first. */
  #version: string | undefined;
  #versionsReused = false;
  #listedAtMs = 0;
  #freshList = false;
  /** Attempts since the last sign of progress of a watch. A list alone is none, or a server that answers 410 to every watch would be hammered. */
  #failures = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#tuning = { ...defaultReflectorTuning, ...options.tuning };
    this.#clock = options.clock;
    this.#logger = options.logger.with({ resource: options.type.plural });
    this.#selection = selectionOf(options);
    this.synced = new Promise((resolve) => (this.#markSynced = resolve));
  }

  /** Lists and watches until `signal` is aborted; then resolves. Survives every failure of the server and never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === undefined || this.#listIsOld()) await this.#list(signal);
        else if (!this.#freshList && (await this.#serverWentBack(signal))) continue;
        if (!signal.aborted) await this.#watch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#waitAfter(error, signal);
      }
    }
  }

  #listIsOld(): boolean {
    return this.#clock.monotonicMs() - this.#listedAtMs > this.#tuning.maxListAgeMs;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, type, store } = this.#options;
    const full = await listAll(client, type, { ...this.#selection, pageSize: this.#tuning.pageSize, signal });
    if (signal.aborted) return;
    store.replace(full.items, { versionsReused: this.#versionsReused });
    this.#version = full.resourceVersion;
    this.#versionsReused = false;
    this.#listedAtMs = this.#clock.monotonicMs();
    this.#freshList = true;
    this.#markSynced();
  }

  /**
   * A server restored from a backup accepts a watch from a version it has not reached yet and stays silent until it
   * gets there (kubernetes/kubernetes#107457). Its present version, which any list tells, gives it away.
   */
  async #serverWentBack(signal: AbortSignal): Promise<boolean> {
    const { client, type, namespace } = this.#options;
    // Without selectors: the server would have to look through everything for the first object that matches.
    const page = await client.list(type, { ...(namespace === undefined ? {} : { namespace }), limit: 1, signal });
    return this.#wentBackTo(page.resourceVersion);
  }

  #wentBackTo(version: string): boolean {
    if (this.#version === undefined || !isOlderVersion(version, this.#version)) return false;
    this.#logger.warn('the server went back to an older resource version; listing again', { from: this.#version, to: version });
    this.#version = undefined;
    this.#versionsReused = true;
    return true;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { min, max } = this.#tuning.watchSeconds;
    const timeoutSeconds = min + Math.floor(this.#options.random() * (max - min + 1));
    const startedMs = this.#clock.monotonicMs();
    this.#freshList = false;
    const link = linkSignals(signal);
    const watchdog = new StallWatchdog(this.#clock, {
      idleMs: this.#tuning.idleMs,
      totalMs: timeoutSeconds * 1_000 + this.#tuning.stallGraceMs,
      onStall: (reason) => link.abort(reason),
    });
    try {
      const events = await this.#consume(timeoutSeconds, link.signal, watchdog);
      if (link.signal.aborted) return;
      this.#afterCleanEnd(events, this.#clock.monotonicMs() - startedMs);
    } finally {
      watchdog.stop();
      link.dispose();
    }
  }

  async #consume(timeoutSeconds: number, signal: AbortSignal, watchdog: StallWatchdog): Promise<number> {
    const { client, type } = this.#options;
    const resourceVersion = this.#version ?? '';
    let events = 0;
    for await (const event of client.watch(type, { ...this.#selection, resourceVersion, timeoutSeconds, signal })) {
      if (signal.aborted) break;
      watchdog.sawLife();
      if (!this.#apply(event)) break;
      this.#failures = 0;
      events += 1;
    }
    return events;
  }

  /** False when the event shows that the server went back in time. */
  #apply(event: WatchEvent): boolean {
    const version = event.object.metadata.resourceVersion;
    if (version === undefined || version === '') {
      throw new ApiError('Malformed', `watch ${this.#options.type.plural}: a ${event.type} event without metadata.resourceVersion`);
    }
    if (this.#wentBackTo(version)) return false;
    if (event.type === 'DELETED') this.#options.store.remove(event.object);
    else if (event.type !== 'BOOKMARK') this.#options.store.upsert(event.object);
    this.#version = version;
    return true;
  }

  #afterCleanEnd(events: number, lastedMs: number): void {
    if (events === 0 && lastedMs < this.#tuning.shortWatchMs) {
      throw new ApiError('Unavailable', `watch ${this.#options.type.plural}: the server closed it at once`);
    }
    this.#failures = 0;
  }

  async #waitAfter(error: unknown, signal: AbortSignal): Promise<void> {
    const gone = isApiError(error, 'Gone');
    const firstFailure = this.#failures === 0;
    this.#failures += 1;
    if (gone || this.#failures % this.#tuning.relistAfterFailures === 0) this.#version = undefined;
    if (gone && firstFailure) return;
    const jitteredMs = fullJitterMs(this.#tuning.backoff, this.#failures - 1, this.#options.random);
    const askedMs = isApiError(error, 'TooManyRequests', 'Unavailable') ? (error.retryAfterMs ?? 0) : 0;
    // On top of what the server asks for, so that all the clients it sent away do not return in the same instant.
    const delayMs = askedMs + jitteredMs;
    this.#logger.warn('list or watch failed; trying again', { error, delayMs, failures: this.#failures });
    await sleep(this.#clock, delayMs, signal);
  }
}

const selectionOf = ({ namespace, labelSelector, fieldSelector }: ReflectorOptions): { namespace?: string; labelSelector?: string; fieldSelector?: string } => ({
  ...(namespace === undefined ? {} : { namespace }),
  ...(labelSelector === undefined ? {} : { labelSelector }),
  ...(fieldSelector === undefined ? {} : { fieldSelector }),
});
