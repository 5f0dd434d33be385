/**
 * One HTTP exchange with a pod that may be slow, broken or hostile: bounded in time and in bytes.
 *
 * @module
 */
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../runtime/ports.ts';

/**
 * What can go wrong with an exchange.
 * - Timeout: not finished at the deadline, which covers the last byte; TooLarge: the answer is longer than allowed
 * - Unreachable: refused, reset, no route, not HTTP, or an answer cut short; Aborted: our own signal
 */
export type ExchangeFailureKind = 'Timeout' | 'TooLarge' | 'Unreachable' | 'Aborted';

export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';
  readonly kind: ExchangeFailureKind;

  constructor(kind: ExchangeFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface ExchangeRequest {
  method: 'GET' | 'PUT';
  host: string;
  port: number;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  deadlineMs: number;
  maxBytes: number;
  signal?: AbortSignal;
}

export interface ExchangeAnswer {
  status: number;
  body: Buffer;
}

/** Connections to pods: one each, kept alive between scrapes. Close it when done. */
export const podAgent = (): Agent =>
  new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 60_000, connect: { timeout: 2000 }, maxHeaderSize: 16_384 });

/** `http://10.0.0.1:9100`; IPv6 addresses get their brackets. */
const originOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** What undici tells of one request. Its stream and its AbortSignal support cost as much again as the exchange itself (measured). */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #asked: ExchangeRequest;
  readonly #settled = Promise.withResolvers<ExchangeAnswer>();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;

  constructor(asked: ExchangeRequest) {
    this.#asked = asked;
  }

  get answer(): Promise<ExchangeAnswer> {
    return this.#settled.promise;
  }

  /** Ends it at once, whatever phase it is in; the connection is closed, so that no late byte arrives. */
  fail(kind: ExchangeFailureKind, what: string, cause?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { method, host, port, path } = this.#asked;
    const failure = new ExchangeFailure(kind, `${method} ${originOf(host, port)}${path} ${what}`, cause);
    this.#settled.reject(failure);
    this.#controller?.abort(failure);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited for the connection until after its deadline.
    if (this.#isOver) controller.abort(new Error('over before it began'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#asked.maxBytes) this.fail('TooLarge', `was answered with more than ${this.#asked.maxBytes} bytes`);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [first] = this.#chunks;
    const body = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.#settled.resolve({ status: this.#status, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail('Unreachable', `failed: ${error.message}`, error);
  }
}

const dispatch = (dispatcher: Dispatcher, asked: ExchangeRequest, exchange: Exchange): void => {
  try {
    dispatcher.dispatch(
      {
        origin: originOf(asked.host, asked.port),
        path: asked.path,
        method: asked.method,
        headers: asked.headers ?? null,
        body: asked.body ?? null,
        // The deadline covers all phases; undici's own timers only see silence, not a byte each second.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
  } catch (error) {
    exchange.fail('Unreachable', 'could not be sent: the address or a header is not valid', error);
  }
};

/**
 * Sends one request and reads the whole answer within `deadlineMs` and `maxBytes`.
 *
 * @throws ExchangeFailure and nothing else.
 */
export const boundedRequest = async (dispatcher: Dispatcher, clock: Clock, asked: ExchangeRequest): Promise<ExchangeAnswer> => {
  const exchange = new Exchange(asked);
  const cancel = clock.schedule(asked.deadlineMs, () => exchange.fail('Timeout', `had not finished after ${asked.deadlineMs} ms`));
  const abort = () => exchange.fail('Aborted', 'was called off');
  asked.signal?.addEventListener('abort', abort, { once: true });
  try {
    if (asked.signal?.aborted === true) abort();
    else dispatch(dispatcher, asked, exchange);
    return await exchange.answer;
  } finally {
    cancel();
    asked.signal?.removeEventListener('abort', abort);
  }
};
