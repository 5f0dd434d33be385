/**
 * Reads and changes a running pod's pool: `GET /pool` and `PUT /pool` of the worker-pool protocol.
 *
 * @module
 */
import type { Dispatcher } from 'undici';
import { poolStateSchema } from '../../api/protocol.ts';
import type { PoolChange, PoolState } from '../../api/protocol.ts';
import type { Clock } from '../../runtime/ports.ts';
import { boundedRequest, ExchangeFailure } from './bounded-request.ts';
import type { ExchangeAnswer, ExchangeFailureKind } from './bounded-request.ts';
import type { PodTarget } from './ports.ts';

/**
 * Why a pool could not be read or changed.
 * - StaleGeneration 409: another leader is ahead, or the same generation had another body
 * - OutOfRange 422: the size is outside what the server can do; Unauthorized 401 or 403: wrong token
 * - Malformed: 200 with a body that is no pool state; Refused: any other status
 * - Timeout, TooLarge, Unreachable, Aborted: as in an exchange
 */
export type PoolFailureKind = 'StaleGeneration' | 'OutOfRange' | 'Unauthorized' | 'Malformed' | 'Refused' | ExchangeFailureKind;

export class PoolFailure extends Error {
  override readonly name = 'PoolFailure';
  readonly kind: PoolFailureKind;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;

  constructor(kind: PoolFailureKind, message: string, details: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.status = details.status;
  }
}

export interface PoolClientOptions {
  clock: Clock;
  dispatcher: Dispatcher;
  /** Milliseconds for one exchange. */
  deadlineMs?: number;
}

const MAX_BYTES = 64 * 1024;

const failureOf: Partial<Record<number, PoolFailureKind>> = { 401: 'Unauthorized', 403: 'Unauthorized', 409: 'StaleGeneration', 422: 'OutOfRange' };

const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** What the pod said, short and without control characters: it goes into messages. */
const said = (body: Buffer): string => body.toString('utf8', 0, 200).replace(/\p{Cc}+/gu, ' ').trim();

export class PoolClient {
  readonly #options: Required<PoolClientOptions>;

  constructor(options: PoolClientOptions) {
    this.#options = { deadlineMs: 2000, ...options };
  }

  /** @throws PoolFailure and nothing else. */
  async get(target: PodTarget, signal?: AbortSignal): Promise<PoolState> {
    return this.#exchange(target, 'GET', {}, undefined, signal);
  }

  /** Asks for a change; resolves when it is in force for new requests. The token is sent to this pod only. @throws PoolFailure and nothing else. */
  async put(target: PodTarget, change: PoolChange, token: string, signal?: AbortSignal): Promise<PoolState> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return this.#exchange(target, 'PUT', headers, JSON.stringify(change), signal);
  }

  async #exchange(
    target: PodTarget,
    method: 'GET' | 'PUT',
    headers: Record<string, string>,
    body?: string,
    signal?: AbortSignal,
  ): Promise<PoolState> {
    const { dispatcher, clock, deadlineMs } = this.#options;
    const { host, port } = target;
    const optional = { ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) };
    try {
      const answer = await boundedRequest(dispatcher, clock, { method, host, port, path: '/pool', headers, deadlineMs, maxBytes: MAX_BYTES, ...optional });
      return readState(target, method, answer);
    } catch (error) {
      if (error instanceof PoolFailure) throw error;
      const kind = error instanceof ExchangeFailure ? error.kind : 'Unreachable';
      throw new PoolFailure(kind, `${method} /pool of ${target.name}: ${Error.isError(error) ? error.message : 'failed'}`, { cause: error });
    }
  }
}

const readState = (target: PodTarget, method: string, { status, body }: ExchangeAnswer): PoolState => {
  if (status !== 200) {
    throw new PoolFailure(failureOf[status] ?? 'Refused', `${method} /pool of ${target.name} was answered ${status}: ${said(body)}`, { status });
  }
  const state = poolStateSchema.safeParse(parseJson(body));
  if (!state.success) throw new PoolFailure('Malformed', `${method} /pool of ${target.name} was answered with no pool state: ${said(body)}`, { status });
  return state.data;
};
