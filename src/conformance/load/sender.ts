/**
 * Sends requests and notes what becomes of each.
 *
 * @module
 */
import { Pool } from 'undici';
import { BodySource } from '../../local/load/request-bodies.ts';
import { percentile } from '../../local/load/second-stats.ts';
import { errorCode, messageOf } from '../../local/error-code.ts';
import { seededRandom } from '../../local/load/random.ts';
import { shorten } from '../http.ts';
import { nowMs } from '../wait.ts';
import type { LoadJob, LoadResult } from './job.ts';
import { Pauses } from './pauses.ts';

/** Shorter than any server's: a request on a connection that the server closes in this very moment would be nobody's fault. */
const idleMs = 1000;

export class Sender {
  readonly #job: LoadJob;
  readonly #pool: Pool;
  readonly #nextBody: () => Buffer | string;
  readonly #fromDue: number[] = [];
  readonly #fromSending: number[] = [];
  readonly #statuses: Record<string, number> = {};
  readonly #errors: Record<string, number> = {};
  readonly #startedMs = nowMs();
  /** Whoever waits for the time of the next request notes each turn. */
  readonly pauses = new Pauses(this.#startedMs);
  readonly #startedCpuSeconds = cpuSeconds();
  #firstRefusal = '';
  #silentRefusals = 0;
  #sent = 0;
  #done = 0;

  constructor(job: LoadJob) {
    this.#job = job;
    this.#pool = new Pool(job.origin, { pipelining: 1, keepAliveTimeout: idleMs, headersTimeout: job.timeoutMs, bodyTimeout: job.timeoutMs, connect: { timeout: job.timeoutMs } });
    const bodies = new BodySource({ [job.shape]: 1 }, seededRandom(job.seed));
    const { body } = job;
    this.#nextBody = body === null ? () => bodies.next() : () => body;
  }

  /** Requests without an answer yet. */
  get outstanding(): number {
    return this.#sent - this.#done;
  }

  /**
   * Sends one request; no retry, which would hide what the first attempt felt.
   *
   * @param dueMs when it was due
   * @returns its status, 0 when there was no answer
   */
  async send(dueMs: number): Promise<number> {
    this.#sent += 1;
    const sentMs = nowMs();
    try {
      const status = await this.#exchange();
      if (status === 200) {
        const doneMs = nowMs();
        this.#fromDue.push(doneMs - dueMs);
        this.#fromSending.push(doneMs - sentMs);
      }
      return status;
    } catch (error) {
      const cause = errorCode(error) ?? messageOf(error).slice(0, 80);
      this.#errors[cause] = (this.#errors[cause] ?? 0) + 1;
      return 0;
    } finally {
      this.#done += 1;
    }
  }

  result(): LoadResult {
    const sorted = this.#fromDue.toSorted((left, right) => left - right);
    const fromSending = this.#fromSending.toSorted((left, right) => left - right);
    return {
      sent: this.#sent,
      statuses: this.#statuses,
      errors: this.#errors,
      firstRefusal: this.#firstRefusal,
      silentRefusals: this.#silentRefusals,
      seconds: (nowMs() - this.#startedMs) / 1000,
      p50Ms: percentile(sorted, 0.5),
      p95Ms: percentile(sorted, 0.95),
      slowestMs: sorted.at(-1) ?? null,
      latenciesMs: sorted,
      fromSendingMs: fromSending,
      generatorCpuSeconds: cpuSeconds() - this.#startedCpuSeconds,
      pausedShare: this.pauses.share,
      longestPauseMs: this.pauses.longestMs,
    };
  }

  async destroy(): Promise<void> {
    await this.#pool.destroy();
  }

  async #exchange(): Promise<number> {
    const { path, keepAlive } = this.#job;
    const { statusCode, headers, body } = await this.#pool.request({ path, method: 'POST', headers: { 'content-type': 'application/json' }, body: this.#nextBody(), reset: !keepAlive });
    if (statusCode !== 200 && this.#firstRefusal === '') this.#firstRefusal = shorten(`${statusCode} ${await body.text()}`);
    else await body.dump({ limit: 64 * 1024 * 1024 });
    this.#statuses[statusCode] = (this.#statuses[statusCode] ?? 0) + 1;
    if (statusCode === 503 && headers['retry-after'] === undefined) this.#silentRefusals += 1;
    return statusCode;
  }
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
