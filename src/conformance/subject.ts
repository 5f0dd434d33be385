/**
 * The server under test, as the operator and clients see it: admin port and serving port.
 *
 * @module
 */
import type { Agent } from 'node:http';
import { poolMetrics, poolStateSchema } from '../api/protocol.ts';
import type { PoolChange, PoolState } from '../api/protocol.ts';
import { messageOf } from '../local/error-code.ts';
import { BodySource, defaultMix } from '../local/load/request-bodies.ts';
import { seededRandom } from '../local/load/random.ts';
import { Failed, NotChecked } from './check.ts';
import { ask, describe, NoAnswer, shorten } from './http.ts';
import type { Answer, Ask } from './http.ts';
import { FallingCounters } from './metrics/falling-counters.ts';
import { MetricsPage } from './metrics/metrics-page.ts';
import { nowMs, until } from './wait.ts';

/** The operator waits 2 s for the pages; here a slow answer is an answer, and its time is looked at where it matters. */
const adminTimeoutMs = 10_000;
/** The page gives a change 20 s to be in force. */
const changeTimeoutMs = 25_000;
/** After that nobody waits. */
const slowChangeMs = 120_000;
const settleMs = 15_000;

export interface SubjectOptions {
  readonly adminUrl: string;
  readonly servingUrl: string | undefined;
  readonly token: string | undefined;
  readonly path: string;
  readonly body: string | null;
}

export class Subject {
  readonly adminUrl: string;
  readonly counters = new FallingCounters();
  /** What goes on now, for the messages of counters that fall. */
  activity = '';
  readonly #options: SubjectOptions;
  readonly #sample: string;

  constructor(options: SubjectOptions) {
    this.#options = options;
    this.adminUrl = options.adminUrl.replace(/\/+$/u, '');
    this.#sample = options.body ?? new BodySource(defaultMix, seededRandom(1)).next().toString('utf8');
  }

  get path(): string {
    return this.#options.path;
  }

  /** @throws NotChecked */
  get servingUrl(): string {
    const { servingUrl } = this.#options;
    if (servingUrl === undefined) throw new NotChecked('it needs the serving port: give --serving URL');
    return servingUrl.replace(/\/+$/u, '');
  }

  /** @throws NotChecked */
  get token(): string {
    const { token } = this.#options;
    if (token === undefined) throw new NotChecked('it changes the pool, which needs a token: give --token-file FILE');
    return token;
  }

  /** @throws Failed when there is no answer */
  async admin(path: string, options: Ask = {}): Promise<Answer> {
    try {
      return await ask(`${this.adminUrl}${path}`, { timeoutMs: adminTimeoutMs, ...options });
    } catch (error) {
      throw new Failed(`an answer from the admin port within ${(options.timeoutMs ?? adminTimeoutMs) / 1000} s`, messageOf(error));
    }
  }

  /** @throws Failed when there is none, or it is no page */
  async scrape(): Promise<MetricsPage> {
    const answer = await this.admin('/metrics');
    if (answer.status !== 200) throw new Failed('GET /metrics answers 200', describe(answer));
    const page = new MetricsPage(answer.text, nowMs());
    this.counters.add(page, this.activity);
    return page;
  }

  /**
   * A page of a pool at rest: nothing in flight, everything that arrived answered or rejected.
   *
   * @throws Failed when the page never says so
   */
  async scrapeAtRest(): Promise<MetricsPage> {
    const page = await until(settleMs, async () => {
      const page = await this.scrape();
      return page.value(poolMetrics.inflight) === 0 && arrivalsOf(page) === answersOf(page) ? page : undefined;
    });
    if (page !== undefined) return page;
    const last = await this.scrape();
    throw new Failed(
      `within ${settleMs / 1000} s of the last answer ${poolMetrics.inflight} is 0 and ${poolMetrics.arrivals} equals ${poolMetrics.requests} plus ${poolMetrics.rejected}`,
      `in flight ${last.value(poolMetrics.inflight)}, arrivals ${arrivalsOf(last)}, requests and rejected together ${answersOf(last)}`,
    );
  }

  /** @throws Failed when it is no state */
  async state(): Promise<PoolState> {
    const answer = await this.admin('/pool');
    if (answer.status !== 200) throw new Failed('GET /pool answers 200', describe(answer));
    return stateIn(answer);
  }

  /** `PUT /pool` as it is. */
  async put(body: string | Buffer, authorization?: string): Promise<Answer> {
    const headers: Record<string, string> = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
    return this.admin('/pool', { method: 'PUT', body, headers, timeoutMs: changeTimeoutMs });
  }

  /** @throws NotChecked without a token */
  async putChange(change: Partial<PoolChange> & Record<string, unknown>): Promise<Answer> {
    return this.put(JSON.stringify(change), `Bearer ${this.token}`);
  }

  /**
   * A change with the next generation, which must be accepted.
   *
   * @throws Failed when it is not; NotChecked without a token
   */
  async change(sizes: Omit<PoolChange, 'generation'>): Promise<PoolState> {
    const { token } = this;
    const change = { ...sizes, generation: (await this.state()).generation + 1 };
    // 503 says that it is not in force yet, and asks to be asked again: a process of some servers takes that long to come up.
    const answer = await until(slowChangeMs, async () => {
      const answer = await this.put(JSON.stringify(change), `Bearer ${token}`);
      return answer.status === 503 ? undefined : answer;
    });
    if (answer === undefined) throw new Failed(`PUT /pool ${JSON.stringify(change)} is in force within ${slowChangeMs / 1000} s`, '503 all the time');
    if (answer.status !== 200) throw new Failed(`PUT /pool ${JSON.stringify(change)} answers 200`, describe(answer));
    return stateIn(answer);
  }

  /** One feature request. @throws NoAnswer, NotChecked */
  async request(options: { agent?: Agent; timeoutMs?: number } = {}): Promise<Answer> {
    return ask(`${this.servingUrl}${this.path}`, { method: 'POST', body: this.#sample, headers: { 'content-type': 'application/json' }, ...options });
  }

  /** The body that `request` sends. */
  get sampleBody(): string {
    return this.#sample;
  }

  /** Undefined: ready; else what `/readyz` says, or that it says nothing. */
  async notReady(): Promise<string | undefined> {
    try {
      const answer = await ask(`${this.adminUrl}/readyz`, { timeoutMs: 2000 });
      return answer.status === 200 ? undefined : describe(answer);
    } catch (error) {
      if (error instanceof NoAnswer) return error.message;
      throw error;
    }
  }
}

const arrivalsOf = (page: MetricsPage): number => page.value(poolMetrics.arrivals);
const answersOf = (page: MetricsPage): number => page.labelled(poolMetrics.requests, 'code') + page.labelled(poolMetrics.rejected, 'reason');

/** @throws Failed */
export const stateIn = (answer: Answer): PoolState => {
  let content: unknown;
  try {
    content = JSON.parse(answer.text);
  } catch {
    throw new Failed('a JSON object with the state of the pool', shorten(answer.text));
  }
  const state = poolStateSchema.safeParse(content);
  if (state.success) return state.data;
  const wrong = state.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new Failed('a state of the pool with all its fields', `${shorten(answer.text)} (${wrong})`);
};
