/**
 * From what a request came back with to the closed union of `ApiError` kinds.
 *
 * @module
 */
import { ApiError } from '../runtime/ports.ts';
import type { ApiErrorDetails, ApiErrorKind } from '../runtime/ports.ts';

/** Longest text of the server that goes into a message, characters. */
const LONGEST_TEXT = 2_000;

const KIND_OF_STATUS: Readonly<Record<number, ApiErrorKind>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'Unavailable',
  409: 'Conflict',
  410: 'Gone',
  429: 'TooManyRequests',
};

/** The failed answer: HTTP status, body text, and the Retry-After header when there was one. */
export interface FailedAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string | undefined;
}

/**
 * Error for an HTTP answer of 300 and above. `what` names verb and object (`apply Deployment default/ranking`);
 * `nowMs` (wall clock) is for a Retry-After that is a date.
 */
export const errorFromAnswer = (what: string, answer: FailedAnswer, nowMs: number): ApiError => {
  const status = parseStatus(answer.body);
  return errorFromStatus(what, { ...status, code: answer.status }, retryAfterMs(answer.retryAfter, nowMs));
};

/** Error for a Status object, as an ERROR line of a watch carries it. */
export const errorFromStatus = (what: string, status: StatusObject, retryAfter?: number): ApiError => {
  const code = status.code ?? 500;
  const label = status.reason ?? 'no reason given';
  const text = (status.message ?? '').slice(0, LONGEST_TEXT);
  const waitMs = retryAfter ?? (status.retryAfterSeconds === undefined ? undefined : status.retryAfterSeconds * 1_000);
  const details: ApiErrorDetails = {
    status: code,
    ...(status.reason === undefined ? {} : { reason: status.reason }),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
  return new ApiError(kindOf(code, status.reason), `${what}: ${code} ${label}${text === '' ? '' : `: ${text}`}`, details);
};

/** Error for a request that got no whole answer. */
export const errorFromFailure = (what: string, error: unknown, aborted: boolean): ApiError => {
  if (error instanceof ApiError) return error;
  const text = describe(error);
  if (aborted) return new ApiError('Aborted', `${what}: aborted: ${text}`, { cause: error });
  return new ApiError('Network', `${what}: no answer from the API server: ${text}`, { cause: error });
};

/** What we read of a Status object (meta/v1). */
export interface StatusObject {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

/** Reads a Status out of parsed JSON; fields of a wrong type are left out. */
export const readStatus = (value: unknown): StatusObject => {
  if (!isRecord(value)) return {};
  const { code, reason, message, details } = value;
  const seconds = isRecord(details) ? details['retryAfterSeconds'] : undefined;
  return {
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof reason === 'string' && reason !== '' ? { reason } : {}),
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof seconds === 'number' && seconds > 0 ? { retryAfterSeconds: seconds } : {}),
  };
};

const parseStatus = (body: string): StatusObject => {
  try {
    return readStatus(JSON.parse(body));
  } catch {
    // Proxies and panics answer in plain text.
    return { message: body.trim() };
  }
};

const kindOf = (code: number, reason: string | undefined): ApiErrorKind => {
  if (reason === 'AlreadyExists') return 'AlreadyExists';
  // A watch may report an expired version as an ERROR line of any code.
  if (reason === 'Expired' || reason === 'Gone') return 'Gone';
  const kind = KIND_OF_STATUS[code];
  if (kind !== undefined) return kind;
  if (code >= 500) return 'Unavailable';
  return code >= 400 ? 'Invalid' : 'Malformed';
};

const retryAfterMs = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
};

const describe = (error: unknown): string => {
  if (!Error.isError(error)) return String(error);
  // undici wraps the socket's error; an AggregateError (IPv4 and IPv6 both refused) has an empty message of its own.
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors.map(describe).join('; ') : '';
  const cause = error.cause === undefined ? '' : `: ${describe(error.cause)}`;
  return `${error.message === '' ? inner : error.message}${cause}`;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
