/**
 * Keep-alive connections to each ready endpoint; requests go round over the endpoints.
 *
 * @module
 */
import { Pool } from 'undici';

/** Connections to one endpoint at most. Above it requests wait inside the client, and their wait counts as latency. */
const connectionsPerEndpoint = 256;

export interface Answer {
  readonly status: number;
}

/** Sends requests to a changing set of origins such as `http://127.84.3.2:6566`. */
export class Endpoints {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #pools = new Map<string, Pool>();
  #order: Pool[] = [];
  #turn = 0;

  constructor(options: { path: string; timeoutMs: number }) {
    this.#path = options.path;
    this.#timeoutMs = options.timeoutMs;
  }

  get size(): number {
    return this.#order.length;
  }

  /** Takes new endpoints in; those that are gone get no new request, and their connections close when the last answer is in. */
  set(origins: readonly string[]): void {
    for (const [origin, pool] of this.#pools) {
      if (origins.includes(origin)) continue;
      this.#pools.delete(origin);
      void pool.close().catch(() => undefined);
    }
    for (const origin of origins) if (!this.#pools.has(origin)) this.#pools.set(origin, this.#connect(origin));
    this.#order = [...this.#pools.values()];
  }

  /**
   * Sends one request to the next endpoint. No retry: a retry would hide what the first attempt felt.
   *
   * @throws what undici throws; an Error with code NO_ENDPOINT when no endpoint is ready
   */
  async post(body: Buffer): Promise<Answer> {
    const pool = this.#order[this.#turn++ % Math.max(1, this.#order.length)];
    if (pool === undefined) throw Object.assign(new Error('no endpoint is ready'), { code: 'NO_ENDPOINT' });
    const { statusCode, body: answer } = await pool.request({
      path: this.#path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    // The last byte counts, and a body that nobody reads would hold its connection.
    await answer.dump({ limit: 16 * 1024 * 1024 });
    return { status: statusCode };
  }

  /** Ends all connections at once. */
  async destroy(): Promise<void> {
    this.#order = [];
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #connect(origin: string): Pool {
    return new Pool(origin, {
      connections: connectionsPerEndpoint,
      pipelining: 1,
      headersTimeout: this.#timeoutMs,
      bodyTimeout: this.#timeoutMs,
      connect: { timeout: this.#timeoutMs },
    });
  }
}
