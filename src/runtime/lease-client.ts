/**
 * Reading and writing one Lease, each request within a deadline.
 *
 * @module
 */
import { leaseType, writeLease } from './lease-record.ts';
import type { LeaseRecord } from './lease-record.ts';
import { isApiError } from './ports.ts';
import type { ApiClient, Clock, KubeObject, ObjectKey } from './ports.ts';
import { linkSignals, rejectsWith } from './waiting.ts';

const FIELD_MANAGER = 'leader-election';

export interface LeaseClientOptions {
  readonly client: Pick<ApiClient, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly lease: ObjectKey;
  /** Longest wait for an answer to a request that is sent now, ms. */
  limitMs(): number;
}

export class LeaseClient {
  readonly #options: LeaseClientOptions;

  constructor(options: LeaseClientOptions) {
    this.#options = options;
  }

  /** The Lease as it is; undefined when there is none. Rejects with what the request failed of. */
  async read(signal?: AbortSignal): Promise<KubeObject | undefined> {
    const { client, lease } = this.#options;
    try {
      return await this.#inTime(signal, (inner) => client.get(leaseType, lease, { signal: inner }));
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Writes the record over `previous`, if that is still the latest version, or into a new Lease. */
  write(record: LeaseRecord, previous: KubeObject | undefined, signal?: AbortSignal): Promise<KubeObject> {
    const { client, lease } = this.#options;
    const body = writeLease(lease, record, previous);
    return this.#inTime(signal, (inner) => {
      const options = { fieldManager: FIELD_MANAGER, signal: inner };
      return previous === undefined ? client.create(leaseType, body, options) : client.replace(leaseType, body, options);
    });
  }

  async #inTime<T>(signal: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const link = linkSignals(signal);
    const limitMs = this.#options.limitMs();
    const cancel = this.#options.clock.schedule(limitMs, () => link.abort(new Error(`no answer within ${Math.round(limitMs)} ms`)));
    try {
      // Raced, and not left to the client alone: a request that ignores its signal must not hide that the term is over.
      return await Promise.race([send(link.signal), rejectsWith(link.signal)]);
    } finally {
      cancel();
      link.dispose();
    }
  }
}
