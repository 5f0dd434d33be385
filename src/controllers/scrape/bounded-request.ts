/**
 * One HTTP exchange with a pod that may be slow, broken or hostile: bounded in time and in bytes.
 *
 * @module
 */
import { Agent, request } from 'undici';
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
  new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 60_000, connect: { timeout: 5000 }, maxHeaderSize: 16_384 });

/** `http://10.0.0.1:9100`; IPv6 addresses get their brackets. */
export const originOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

const readBounded = async (body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece: unknown = chunk;
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    // Leaving the loop destroys the stream, and with it the connection: the rest is never received.
    if (bytes > maxBytes) throw new ExchangeFailure('TooLarge', `the answer is longer than ${maxBytes} bytes`);
    chunks.push(piece);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
};

const exchange = async (dispatcher: Dispatcher, asked: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer> => {
  const answer = await request(originOf(asked.host, asked.port) + asked.path, {
    dispatcher,
    method: asked.method,
    headers: asked.headers ?? null,
    body: asked.body ?? null,
    signal,
    // The deadline covers all phases; undici's own timers only see silence, not a byte each second.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { status: answer.statusCode, body: await readBounded(answer.body, asked.maxBytes) };
};

/**
 * Sends one request and reads the whole answer within `deadlineMs` and `maxBytes`.
 *
 * @throws ExchangeFailure and nothing else.
 */
export const boundedRequest = async (dispatcher: Dispatcher, clock: Clock, asked: ExchangeRequest): Promise<ExchangeAnswer> => {
  const controller = new AbortController();
  let isLate = false;
  const cancel = clock.schedule(asked.deadlineMs, () => {
    isLate = true;
    controller.abort();
  });
  const forward = () => controller.abort();
  asked.signal?.addEventListener('abort', forward, { once: true });
  if (asked.signal?.aborted === true) forward();
  try {
    return await exchange(dispatcher, asked, controller.signal);
  } catch (error) {
    const what = `${asked.method} ${originOf(asked.host, asked.port)}${asked.path}`;
    if (error instanceof ExchangeFailure) throw error;
    if (isLate) throw new ExchangeFailure('Timeout', `${what} had not finished after ${asked.deadlineMs} ms`, error);
    if (asked.signal?.aborted === true) throw new ExchangeFailure('Aborted', `${what} was called off`, error);
    throw new ExchangeFailure('Unreachable', `${what}: ${error instanceof Error ? error.message : 'failed'}`, error);
  } finally {
    cancel();
    asked.signal?.removeEventListener('abort', forward);
  }
};
