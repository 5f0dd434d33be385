/**
 * The pool of the small server: places, a queue, engines, a store; measured at each step.
 *
 * @module
 */
import type { PoolConfig, PoolState } from '../../../src/api/protocol.ts';
import { Engines } from './engines.ts';
import type { Fault } from './faults.ts';
import { Figures } from './figures.ts';
import { askStore } from './store.ts';

const queueLimit = 64;
const probeMs = 100;

export interface FeatureAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: true;
}

export interface Visit {
  readonly acceptedAt: number;
  readonly isCounted: boolean;
}

export class Pool {
  readonly figures: Figures;
  readonly fault: Fault | undefined;
  config: PoolConfig;
  threadsInForce: number;
  storeProblem: string | undefined;
  readonly #storePort: number | undefined;
  readonly #engines: Engines;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #seen = 0;
  #isStoreLostForEver = false;

  constructor(config: PoolConfig, fault: Fault | undefined, storePort: number | undefined) {
    this.config = config;
    this.fault = fault;
    this.threadsInForce = config.threads;
    this.figures = new Figures(fault, config.objectiveMs);
    this.#storePort = storePort;
    this.#engines = new Engines({ restarts: fault !== 'dead-stay-dead', onDeath: (slot) => this.#died(slot) });
    this.#engines.resize(config.processes);
    if (storePort !== undefined) setInterval(() => void this.#store().catch(() => undefined), probeMs).unref();
  }

  state(): PoolState {
    return { ...this.config, limits: { threads: { min: 1, max: 64 }, processes: { min: 1, max: 4 } }, live: { threads: true, processes: true }, model: 'threads', knob: 'threads', gil: 'none' };
  }

  page(): string {
    const { threadsInForce, figures } = this;
    return figures.page({ state: this.state(), threadsInForce, processes: this.#engines.alive, queueDepth: this.#waiting.length, engineCpu: this.#engines.cpu() });
  }

  apply(config: PoolConfig): void {
    this.config = config;
    this.#engines.resize(config.processes);
    const force = (): void => {
      this.threadsInForce = config.threads;
      this.#fill();
    };
    if (this.fault === 'answers-before-in-force') setTimeout(force, 300);
    else force();
    if (this.fault === 'falls-on-resize') this.figures.requests['2xx'] = 0;
  }

  /** Waits for a place; false when there is none even to wait. */
  async enter(): Promise<boolean> {
    if (this.#running < this.#places() && this.#waiting.length === 0) {
      this.#running += 1;
      return true;
    }
    if (this.#waiting.length >= queueLimit) return false;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return true;
  }

  leave(): void {
    this.#running -= 1;
    this.#fill();
  }

  async serve(): Promise<FeatureAnswer> {
    const { figures } = this;
    const visit = this.#arrive();
    figures.integrate();
    figures.inflight += 1;
    if (!(await this.enter())) return this.#shed();
    const pickedUpAt = performance.now();
    figures.integrate();
    figures.busy += 1;
    if (visit.isCounted) figures.observe('queueSeconds', pickedUpAt - visit.acceptedAt);
    const answer = await this.#work(visit);
    if (visit.isCounted) figures.observe('serviceSeconds', performance.now() - pickedUpAt);
    figures.integrate();
    figures.busy -= 1;
    this.leave();
    this.#finish({ ...visit, acceptedAt: this.fault === 'latency-in-the-handler' ? pickedUpAt : visit.acceptedAt }, answer.status);
    return answer;
  }

  #arrive(): Visit {
    const isCounted = this.fault !== 'forgets-requests' || this.#seen++ % 20 !== 0;
    if (isCounted) this.figures.arrivals += this.fault === 'never-at-rest' ? 2 : 1;
    return { acceptedAt: performance.now(), isCounted };
  }

  #finish({ acceptedAt, isCounted }: Visit, status: number): void {
    const { figures } = this;
    figures.integrate();
    figures.inflight -= 1;
    if (!isCounted) return;
    const tookMs = performance.now() - acceptedAt;
    const code = `${Math.floor(status / 100)}xx`;
    figures.requests[code] = (figures.requests[code] ?? 0) + 1;
    figures.observe('requestSeconds', tookMs);
    if (tookMs > this.config.objectiveMs) figures.over += 1;
  }

  #shed(): FeatureAnswer {
    const { figures } = this;
    figures.integrate();
    figures.inflight -= 1;
    if (this.fault === 'refuses-uncounted') figures.arrivals -= 1;
    else figures.rejected += 1;
    const body = '{"detail":"full"}';
    return this.fault === 'refuses-without-retry-after' ? { status: 503, body } : { status: 503, body, retryAfter: true };
  }

  async #work({ isCounted }: Visit): Promise<FeatureAnswer> {
    const from = performance.now();
    const value = await this.#store().catch(() => undefined);
    if (isCounted) this.figures.observe('storeSeconds', performance.now() - from);
    if (value === undefined) return this.#withoutStore();
    const { ok, slot } = await new Promise<{ ok: boolean; slot: number }>((resolve) => this.#engines.work((ok, slot) => resolve({ ok, slot })));
    this.figures.byEngine.set(slot, (this.figures.byEngine.get(slot) ?? 0) + 1);
    return ok ? { status: 200, body: JSON.stringify({ value }) } : { status: 500, body: '{"detail":"the engine died"}' };
  }

  #withoutStore(): FeatureAnswer {
    const body = '{"detail":"no store"}';
    if (this.fault === 'store-lost-500') return { status: 500, body };
    if (this.fault === 'store-lost-null') return { status: 200, body: '{"value":null}' };
    return { status: 503, body, retryAfter: true };
  }

  async #store(): Promise<string> {
    if (this.#storePort === undefined) return '0';
    try {
      if (this.#isStoreLostForEver) throw new Error('lost');
      const value = await askStore(this.#storePort, this.fault === 'store-silent-wait' ? 60_000 : 1000);
      this.storeProblem = undefined;
      return value;
    } catch (error) {
      this.storeProblem = String(error);
      this.#isStoreLostForEver ||= this.fault === 'store-lost-for-ever';
      throw error;
    }
  }

  #places(): number {
    return this.fault === 'limit-ignored' ? Infinity : this.threadsInForce * this.config.processes;
  }

  #fill(): void {
    while (this.#running < this.#places()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next();
    }
  }

  #died(slot: number): void {
    if (this.fault !== 'forgets-the-dead') return;
    const lost = this.figures.byEngine.get(slot) ?? 0;
    this.figures.requests['2xx'] = (this.figures.requests['2xx'] ?? 0) - lost;
    this.figures.arrivals -= lost;
  }
}
