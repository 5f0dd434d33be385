/**
 * The local copy of one kind of objects: what a reflector fills and reconcilers read.
 *
 * Objects are deep-frozen when they come in: everybody shares them, and a mutation that would silently poison the
 * cache throws a TypeError instead. Copy (`structuredClone`) before changing.
 *
 * @module
 */
import { deepFreeze } from './deep-freeze.ts';
import { keyOf } from './keys.ts';
import type { KubeObject, Logger } from './ports.ts';

/** Told after the store has changed. Handlers run one after another; what one throws is logged and stops nobody. */
export interface StoreHandlers {
  onAdd?(object: KubeObject): void;
  onUpdate?(before: KubeObject, after: KubeObject): void;
  onDelete?(object: KubeObject): void;
}

export interface StoreOptions {
  readonly logger: Logger;
  /** Named indexes: from an object to the values under which `byIndex` finds it. */
  readonly indexes?: Record<string, (object: KubeObject) => readonly string[]>;
  /** What to keep of an object; may change the object it is given. Default: everything but `metadata.managedFields`. */
  readonly transform?: (object: KubeObject) => KubeObject;
}

/** What the reconcilers see. */
export interface ReadonlyStore {
  get(key: string): KubeObject | undefined;
  list(): KubeObject[];
  keys(): string[];
  byIndex(index: string, value: string): KubeObject[];
  readonly size: number;
  /** Also calls `onAdd` at once for each object that is already here. The returned function unsubscribes. */
  subscribe(handlers: StoreHandlers): () => void;
}

/** Drops `metadata.managedFields`, about a third of the memory of a typical object, which only field ownership checks read. */
export const stripManagedFields = (object: KubeObject): KubeObject => {
  delete object.metadata.managedFields;
  return object;
};

export class Store implements ReadonlyStore {
  readonly #objects = new Map<string, KubeObject>();
  readonly #indexes: Index[];
  readonly #handlers = new Set<StoreHandlers>();
  readonly #transform: (object: KubeObject) => KubeObject;
  readonly #logger: Logger;

  constructor(options: StoreOptions) {
    this.#logger = options.logger;
    this.#transform = options.transform ?? stripManagedFields;
    this.#indexes = Object.entries(options.indexes ?? {}).map(([name, valuesOf]) => new Index(name, (object) => this.#indexValues(name, valuesOf, object)));
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The object of that key (`namespace/name`), frozen. */
  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  /** All objects, frozen, in no particular order. */
  list(): KubeObject[] {
    return [...this.#objects.values()];
  }

  /** All keys. */
  keys(): string[] {
    return [...this.#objects.keys()];
  }

  /** Objects whose index function gave `value`. Throws for an index that was not declared, since that is a programming error. */
  byIndex(name: string, value: string): KubeObject[] {
    const index = this.#indexes.find((candidate) => candidate.name === name);
    if (index === undefined) throw new Error(`no index "${name}" in this store: declare it in StoreOptions.indexes`);
    return index.keysOf(value).flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Subscribes to changes; see `ReadonlyStore.subscribe`. */
  subscribe(handlers: StoreHandlers): () => void {
    this.#handlers.add(handlers);
    for (const object of this.list()) this.#call(() => handlers.onAdd?.(object), object);
    return () => this.#handlers.delete(handlers);
  }

  /** Takes a new or changed object in. The same resourceVersion again changes nothing and tells nobody. */
  upsert(incoming: KubeObject): void {
    this.#take(incoming, false);
  }

  /** Removes the object of that key. `onDelete` gets the last known state; an unknown object is ignored. */
  remove(object: KubeObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#indexes) index.drop(key);
    this.#tell(before, (handlers) => handlers.onDelete?.(before));
  }

  /**
   * Makes the store equal to a full list: removes what is not in it, then takes in what is new or different. With
   * `versionsReused` (the server was restored from a backup) an equal resourceVersion proves nothing, so that every
   * object counts as changed.
   */
  replace(items: readonly KubeObject[], options: { versionsReused?: boolean } = {}): void {
    const present = new Set(items.map(keyOf));
    for (const object of this.list()) if (!present.has(keyOf(object))) this.remove(object);
    for (const item of items) this.#take(item, options.versionsReused ?? false);
  }

  #take(incoming: KubeObject, changedAnyway: boolean): void {
    const after = deepFreeze(this.#transform(incoming));
    const key = keyOf(after);
    let before = this.#objects.get(key);
    if (before !== undefined && !changedAnyway && sameVersion(before, after)) return;
    if (before !== undefined && before.metadata.uid !== after.metadata.uid) {
      // Deleted and created anew while nobody looked: whoever tracks uids must see the first one go.
      this.remove(before);
      before = undefined;
    }
    this.#objects.set(key, after);
    for (const index of this.#indexes) index.update(key, after);
    this.#tell(after, (handlers) => (before === undefined ? handlers.onAdd?.(after) : handlers.onUpdate?.(before, after)));
  }

  #tell(object: KubeObject, notify: (handlers: StoreHandlers) => void): void {
    for (const handlers of this.#handlers) this.#call(() => notify(handlers), object);
  }

  #indexValues(index: string, valuesOf: (object: KubeObject) => readonly string[], object: KubeObject): readonly string[] {
    try {
      return valuesOf(object);
    } catch (error) {
      this.#logger.error('an index function threw; the object is left out of the index', { index, key: keyOf(object), error });
      return [];
    }
  }

  #call(notify: () => void, object: KubeObject): void {
    try {
      notify();
    } catch (error) {
      this.#logger.error('a store handler threw; the other handlers go on', { key: keyOf(object), error });
    }
  }
}

const sameVersion = (before: KubeObject, after: KubeObject): boolean =>
  before.metadata.resourceVersion !== undefined &&
  before.metadata.resourceVersion === after.metadata.resourceVersion &&
  before.metadata.uid === after.metadata.uid;

/** One index: value → keys, and back for removal. */
class Index {
  readonly name: string;
  readonly #valuesOf: (object: KubeObject) => readonly string[];
  readonly #byValue = new Map<string, Set<string>>();
  readonly #byKey = new Map<string, readonly string[]>();

  constructor(name: string, valuesOf: (object: KubeObject) => readonly string[]) {
    this.name = name;
    this.#valuesOf = valuesOf;
  }

  keysOf(value: string): string[] {
    return [...(this.#byValue.get(value) ?? [])];
  }

  update(key: string, object: KubeObject): void {
    this.drop(key);
    const values = this.#valuesOf(object);
    this.#byKey.set(key, values);
    for (const value of values) {
      const keys = this.#byValue.get(value) ?? new Set();
      this.#byValue.set(value, keys.add(key));
    }
  }

  drop(key: string): void {
    for (const value of this.#byKey.get(key) ?? []) {
      const keys = this.#byValue.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#byValue.delete(value);
    }
    this.#byKey.delete(key);
  }
}
