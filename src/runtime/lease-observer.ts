/**
 * What is known of somebody else's lease: its last record, and when it was seen to change.
 *
 * @module
 */
import { readLease } from './lease-record.ts';
import type { LeaseRecord } from './lease-record.ts';
import type { Clock, KubeObject } from './ports.ts';

export class LeaseObserver {
  readonly #clock: Clock;
  readonly #fallbackDurationMs: number;
  #record: LeaseRecord | undefined;
  #changedMs = 0;

  /** `fallbackDurationMs` is assumed for a lease that names no duration. */
  constructor(clock: Clock, fallbackDurationMs: number) {
    this.#clock = clock;
    this.#fallbackDurationMs = fallbackDurationMs;
  }

  get record(): LeaseRecord | undefined {
    return this.#record;
  }

  /** Takes a look at the Lease; a changed record is a sign of life of its holder, now. */
  see(lease: KubeObject): LeaseRecord {
    const record = readLease(lease);
    if (this.#record === undefined || !sameRecord(this.#record, record)) {
      this.#record = record;
      this.#changedMs = this.#clock.monotonicMs();
    }
    return record;
  }

  /** True when the record has not changed for as long as its holder promised to renew it. */
  expired(): boolean {
    if (this.#record === undefined) return false;
    const durationMs = this.#record.durationSeconds > 0 ? this.#record.durationSeconds * 1_000 : this.#fallbackDurationMs;
    return this.#clock.monotonicMs() - this.#changedMs >= durationMs;
  }

  /** Number of the next term. Goes on counting when the Lease was deleted meanwhile. */
  nextTransitions(): number {
    return this.#record === undefined ? 0 : this.#record.transitions + 1;
  }
}

const sameRecord = (a: LeaseRecord, b: LeaseRecord): boolean =>
  a.holder === b.holder && a.renewTime === b.renewTime && a.acquireTime === b.acquireTime && a.transitions === b.transitions;
