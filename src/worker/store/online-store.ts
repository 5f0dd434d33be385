/**
 * The port that every online store is read through.
 *
 * @module
 */
import type { FeatureView } from '../definitions/definitions.ts';

/** What a request wants of one feature view. */
export interface ViewRead {
  readonly view: FeatureView;
  readonly features: readonly string[];
  /** Serialized entity keys (version 3, without the project), each distinct one once. */
  readonly keys: readonly Buffer[];
}

/** What the store holds of it, as JSON text, so that no value is built only to be written again. */
export interface ViewFound {
  /** `values[feature][key]`, in the order of the read; undefined where the store holds none. A stored null is the text `null`. */
  readonly values: readonly (readonly (string | undefined)[])[];
  /** For each key the event time as a quoted RFC 3339 text; undefined where the store knows nothing of the entity. */
  readonly times: readonly (string | undefined)[];
}

/** The store cannot be reached now; clients should come again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** What is stored cannot be read as features: a failure of this request, and none of the store. */
export class UnreadableValue extends Error {
  override readonly name = 'UnreadableValue';
}

/** An online store of one serving process. */
export interface OnlineStore {
  /**
   * Reads all of a request in one round trip. A store in this process answers at once, without a promise.
   *
   * @throws StoreUnavailable (or rejects with it) when the store is gone, too slow, or answers nonsense; UnreadableValue when a value is none of Feast's
   */
  read(reads: readonly ViewRead[]): readonly ViewFound[] | Promise<readonly ViewFound[]>;
  /** Why the store is unavailable; undefined while it is well. */
  readonly problem: string | undefined;
  /** Whether what there is of it answers: a pod may serve although a part of a cluster is missing, which it cannot mend by waiting. */
  readonly isReached: boolean;
  /** Whether an entity that is not there is answered as Feast answers it for this store: PRESENT and null on Redis, NOT_FOUND on SQLite. */
  readonly missingIsPresent: boolean;
  close(): void | Promise<void>;
}
