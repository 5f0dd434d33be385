/**
 * HTTP to one API server: connections that are reused, credentials that are renewed, answers of bounded size.
 *
 * @module
 */
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { ApiError } from '../runtime/ports.ts';
import type { Clock, MetricsSink } from '../runtime/ports.ts';
import { linkSignals, rejectsWith } from '../runtime/waiting.ts';
import { errorFromAnswer, errorFromFailure } from './api-errors.ts';
import { Connections } from './connections.ts';
import { KubeConfigError } from './load-kube-config.ts';
import type { KubeConnection } from './load-kube-config.ts';

export interface TransportOptions {
  readonly clock: Clock;
  readonly metrics: MetricsSink;
  /** Longest wait for a whole answer (for a watch: for its first byte), ms. */
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  /** Requests under way at the same time, watches not counted; more wait their turn. */
  readonly maxConnections: number;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** Verb and object, for messages. */
  readonly what: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** How much of the body of a failed answer is read, bytes: a proxy's page may be long, and its status says enough. */
const MAX_ERROR_BYTES = 65_536;

export class Transport {
  readonly #options: TransportOptions;
  readonly #connections: Connections;
  readonly #server: string;
  readonly #source: string;

  constructor(connection: KubeConnection, options: TransportOptions) {
    this.#options = options;
    this.#connections = new Connections(connection, options);
    this.#server = connection.server;
    this.#source = connection.source;
  }

  /** Sends a call and resolves with the text of the answer; rejects with an `ApiError`. */
  async send(call: Call): Promise<string> {
    const deadline = this.#deadline(call.signal);
    try {
      const answer = await this.#open(call, 'requests', deadline.signal);
      return await readText(answer.body, call.what, this.#options.maxResponseBytes);
    } catch (error) {
      throw this.#failure(call, error, deadline.timedOut());
    } finally {
      deadline.end();
    }
  }

  /** Opens a call whose answer is a stream without end, and yields its bytes. Rejects with an `ApiError`. */
  async *stream(call: Call): AsyncGenerator<Uint8Array> {
    const deadline = this.#deadline(call.signal);
    try {
      const { body } = await this.#open(call, 'watches', deadline.signal);
      deadline.disarm();
      // A consumer that leaves its loop early ends the iteration of the body, and that closes the connection.
      yield* chunksOf(body);
    } catch (error) {
      throw this.#failure(call, error, deadline.timedOut());
    } finally {
      deadline.end();
    }
  }

  /** Closes all connections. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  async #open(call: Call, pool: 'requests' | 'watches', signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let answer = await this.#dispatch(call, pool, signal);
    if (answer.statusCode === 401 && this.#connections.renewCredentials()) {
      await answer.body.dump();
      answer = await this.#dispatch(call, pool, signal);
    }
    if (answer.statusCode < 300) return answer;
    const body = await readBeginning(answer.body, MAX_ERROR_BYTES);
    const retryAfter = answer.headers['retry-after'];
    const failed = { status: answer.statusCode, body, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
    throw errorFromAnswer(call.what, failed, this.#options.clock.now());
  }

  async #dispatch(call: Call, pool: 'requests' | 'watches', signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const labels = { method: call.method, code: '<error>' };
    try {
      const { dispatcher, headers } = await Promise.race([this.#connections.current(pool), this.#noCredentials(signal)]);
      const answer = await request(`${this.#server}${call.path}`, {
        dispatcher,
        method: call.method,
        signal,
        headers: {
          ...headers,
          accept: 'application/json',
          'user-agent': 'plateau',
          ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      labels.code = String(answer.statusCode);
      return answer;
    } finally {
      this.#options.metrics.increment('rest_client_requests_total', labels);
    }
  }

  /** Rejects when the call ends first: a credential helper that hangs knows no signal and no deadline. */
  async #noCredentials(signal: AbortSignal): Promise<never> {
    try {
      return await rejectsWith(signal);
    } catch (cause) {
      throw new Error(`the credentials of ${this.#source} have not come`, { cause });
    }
  }

  #deadline(signal: AbortSignal | undefined): Deadline {
    const link = linkSignals(signal);
    const { clock, requestTimeoutMs } = this.#options;
    let timedOut = false;
    const disarm = clock.schedule(requestTimeoutMs, () => {
      timedOut = true;
      link.abort(new Error(`no whole answer within ${requestTimeoutMs} ms`));
    });
    const end = (): void => {
      disarm();
      link.dispose();
    };
    return { signal: link.signal, timedOut: () => timedOut, disarm, end };
  }

  #failure(call: Call, error: unknown, timedOut: boolean): ApiError {
    if (error instanceof KubeConfigError) return new ApiError('Unauthorized', `${call.what}: ${error.message}`, { cause: error });
    return errorFromFailure(call.what, error, !timedOut && call.signal?.aborted === true);
  }
}

interface Deadline {
  readonly signal: AbortSignal;
  readonly timedOut: () => boolean;
  /** The time no longer counts; the caller's signal still does. */
  readonly disarm: () => void;
  readonly end: () => void;
}

async function* chunksOf(body: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

/** At most `maxBytes` of a body as text. What is left is not read, which closes the connection. */
const readBeginning = async (body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes);
};

const readText = async (body: Dispatcher.ResponseData['body'], what: string, maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body)) {
    size += chunk.length;
    if (size > maxBytes) throw new ApiError('Malformed', `${what}: the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
