/**
 * One request, one whole answer, with what a check wants to know of the connection.
 *
 * @module
 */
import { request } from 'node:http';
import type { Agent } from 'node:http';
import { errorCode, messageOf } from '../local/error-code.ts';
import { nowMs } from './wait.ts';

/** More of an answer than this is not kept: a metrics page has 10 to 30 kB, an answer of 100 x 50 features about 200. */
const maxAnswerBytes = 8 * 1024 * 1024;
const defaultTimeoutMs = 30_000;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** From the call to the last byte. */
  readonly tookMs: number;
}

export interface Ask {
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: a connection of its own, closed after the answer. */
  readonly agent?: Agent;
  readonly timeoutMs?: number;
}

/** No answer came; the message says why. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** `ECONNREFUSED`, `ECONNRESET` and the like; `TIMEOUT` when none came in time. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** @throws NoAnswer */
export const ask = async (url: string, { method = 'GET', body, headers = {}, agent, timeoutMs = defaultTimeoutMs }: Ask = {}): Promise<Answer> => {
  const started = nowMs();
  const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(error instanceof NoAnswer ? error : new NoAnswer(`${method} ${url}: ${messageOf(error)}`, errorCode(error) ?? 'UNKNOWN'));
    const call = request(url, { method, agent: agent ?? false, headers: { ...length, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxAnswerBytes) chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8'), tookMs: nowMs() - started });
      });
    });
    const timer = setTimeout(() => call.destroy(new NoAnswer(`${method} ${url}: no answer within ${timeoutMs / 1000} s`, 'TIMEOUT')), timeoutMs);
    call.on('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    call.end(body);
  });
};

/** One header of an answer, empty when it has none. */
export const headerOf = ({ headers }: Answer, name: string): string => String(headers[name] ?? '');

/** Whether the answer says that its connection ends. */
export const closesConnection = (answer: Answer): boolean => headerOf(answer, 'connection').toLowerCase().split(/\s*,\s*/u).includes('close');

/** An answer in a sentence. */
export const describe = ({ status, text }: Answer): string => `${status} ${shorten(text)}`.trim();

/** The beginning of a text, on one line. */
export const shorten = (text: string, length = 160): string => {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length > length ? `${line.slice(0, length)}…` : line;
};
