/**
 * Lets a reconcile read its own writes: an answer of the API server counts until the watch has caught up with it.
 * Without this the next reconcile would decide on a state that is already history, and write twice.
 *
 * @module
 */
import type { Clock, KubeObject } from '../../runtime/ports.ts';
import { keyOf } from '../../runtime/keys.ts';
import { isOlderVersion } from '../../runtime/resource-version.ts';
import type { ReadonlyStore } from '../../runtime/store.ts';

/** A watch that lags longer has lost the object (created and deleted while the watch was cut), ms. */
const longestLagMs = 30_000;

export class OwnWrites {
  readonly #store: ReadonlyStore;
  readonly #clock: Clock;
  readonly #pending = new Map<string, { object: KubeObject; at: number }>();

  constructor(store: ReadonlyStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    store.subscribe({
      onAdd: (object) => this.#seen(object),
      onUpdate: (_before, object) => this.#seen(object),
      onDelete: (object) => this.#pending.delete(keyOf(object)),
    });
  }

  /** Remembers what the server answered to a write. */
  wrote(object: KubeObject): void {
    this.#pending.set(keyOf(object), { object, at: this.#clock.monotonicMs() });
    const stored = this.#store.get(keyOf(object));
    if (stored !== undefined) this.#seen(stored);
  }

  /** Forgets a write: the object was deleted by us. */
  deleted(key: string): void {
    this.#pending.delete(key);
  }

  /** The newer of watch and own writes. */
  get(key: string): KubeObject | undefined {
    const pending = this.#pending.get(key);
    if (pending === undefined) return this.#store.get(key);
    if (this.#clock.monotonicMs() - pending.at <= longestLagMs) return pending.object;
    this.#pending.delete(key);
    return this.#store.get(key);
  }

  #seen(object: KubeObject): void {
    const key = keyOf(object);
    const pending = this.#pending.get(key)?.object;
    if (pending === undefined) return;
    const older = isOlderVersion(object.metadata.resourceVersion ?? '', pending.metadata.resourceVersion ?? '');
    if (!older || object.metadata.uid !== pending.metadata.uid) this.#pending.delete(key);
  }
}
