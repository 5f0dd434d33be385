/**
 * Writes the status of FeatureServers, when it is worth a write.
 *
 * Server-side apply on the status subresource, whole and forced: what a later status leaves out is removed, and nobody
 * else's fields are touched.
 *
 * @module
 */
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import { apiVersion } from '../../api/featureserver.ts';
import { fieldManagers } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { statusWrite } from '../../core/featureserver/status-write.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { ApiClient, Clock, MetricsSink } from '../../runtime/ports.ts';
import type { OwnWrites } from './own-writes.ts';

interface Target {
  namespace: string;
  name: string;
  uid: string;
}

export class StatusWriter {
  readonly #client: Pick<ApiClient, 'apply'>;
  readonly #clock: Clock;
  readonly #metrics: MetricsSink;
  readonly #written: OwnWrites;
  /** Key → wall-clock milliseconds of the last write. */
  readonly #lastWrite = new Map<string, number>();

  constructor(client: Pick<ApiClient, 'apply'>, clock: Clock, metrics: MetricsSink, written: OwnWrites) {
    this.#client = client;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#written = written;
  }

  /** Writes when due. Resolves with the milliseconds after which a change that had to wait is due, if there is one. */
  async writeIfDue(key: string, { metadata }: { metadata: Target }, status: FeatureServerStatus, signal: AbortSignal): Promise<number | undefined> {
    const decision = statusWrite(this.#present(key), status, this.#clock.now(), this.#lastWrite.get(key) ?? 0);
    if (decision.write) await this.write(key, metadata, status, signal);
    return decision.afterMs;
  }

  /** Writes. An object that has gone meanwhile is no error. */
  async write(key: string, { namespace, name, uid }: Target, status: FeatureServerStatus, signal: AbortSignal): Promise<void> {
    const body = { apiVersion, kind: 'FeatureServer', metadata: { namespace, name, uid }, status };
    try {
      const answer = await this.#client.apply(resourceTypes.featureServer, body, { fieldManager: fieldManagers.status, force: true, subresource: 'status', signal });
      this.#written.wrote(answer);
    } catch (error) {
      // The UID in the body turns an apply to a successor of the same name into a conflict; to nothing at all, into NotFound.
      if (isApiError(error, 'NotFound')) return;
      throw error;
    }
    this.#lastWrite.set(key, this.#clock.now());
    this.#metrics.increment('plateau_writes_total', { kind: 'FeatureServer', manager: fieldManagers.status });
  }

  forget(key: string): void {
    this.#lastWrite.delete(key);
  }

  #present(key: string): FeatureServerStatus | undefined {
    const status = this.#written.get(key)?.['status'];
    return typeof status === 'object' && status !== null ? status : undefined;
  }
}
