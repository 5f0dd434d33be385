/**
 * All objects, in memory, with one revision counter and a bounded history of changes for watches.
 *
 * @module
 */
import { deepFreeze } from '../../../runtime/deep-freeze.ts';
import { clone, textOf, at, type Fields } from '../json.ts';
import { metaOf, objectKey } from './stored-object.ts';

export interface Change {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Fields;
  /** The object before; absent when it was added. */
  readonly previous?: Fields;
}
export type ChangeListener = (resource: string, change: Change) => void;

interface Table {
  readonly objects: Map<string, Fields>;
  readonly history: Change[];
  /** Changes up to this revision are no longer in the history. */
  forgottenUpTo: number;
}

export interface Storage {
  /** The revision of the last write. */
  revision(): number;
  get(resource: string, namespace: string, name: string): Fields | undefined;
  /** All objects of a resource, sorted by namespace and name as etcd keeps them. `''` is every namespace. */
  list(resource: string, namespace: string): readonly Fields[];
  /** Stores a copy under a new revision, freezes it and tells the listeners. */
  put(resource: string, object: Fields): Fields;
  /** Removes an object under a new revision and returns its last state. */
  remove(resource: string, namespace: string, name: string): Fields | undefined;
  /** Changes after a revision, or undefined when some of them are forgotten. */
  changesSince(resource: string, revision: number): readonly Change[] | undefined;
  /** Calls back after every write; the returned function ends that. */
  subscribe(listener: ChangeListener): () => void;
}

export interface StorageOptions {
  /** Changes remembered for each resource; a watch from before them gets 410. */
  readonly historyLength: number;
}

/** The first revision is well above 1, so that a client's `resourceVersion=1` is as outdated as on a real server. */
const firstRevision = 1000;

export const createStorage = ({ historyLength }: StorageOptions): Storage => {
  const tables = new Map<string, Table>();
  const listeners = new Set<ChangeListener>();
  let revision = firstRevision;

  const tableOf = (resource: string): Table => {
    let table = tables.get(resource);
    if (table === undefined) {
      table = { objects: new Map(), history: [], forgottenUpTo: firstRevision - 1 };
      tables.set(resource, table);
    }
    return table;
  };

  const record = (resource: string, table: Table, change: Change): void => {
    table.history.push(change);
    if (table.history.length > historyLength) {
      table.forgottenUpTo = table.history.shift()?.revision ?? table.forgottenUpTo;
    }
    for (const listener of listeners) listener(resource, change);
  };

  const stamp = (object: Fields): Fields => {
    const copy = clone(object);
    revision += 1;
    metaOf(copy)['resourceVersion'] = String(revision);
    return deepFreeze(copy);
  };

  return {
    revision: () => revision,
    get: (resource, namespace, name) => tables.get(resource)?.objects.get(objectKey(namespace, name)),
    list: (resource, namespace) => {
      const entries = [...(tables.get(resource)?.objects ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
      return entries.filter(([key]) => namespace === '' || key.startsWith(`${namespace}/`)).map(([, object]) => object);
    },
    put: (resource, object) => {
      const table = tableOf(resource);
      const stored = stamp(object);
      const key = objectKey(textOf(at(stored, 'metadata', 'namespace')), textOf(at(stored, 'metadata', 'name')));
      const previous = table.objects.get(key);
      table.objects.set(key, stored);
      record(resource, table, {
        revision,
        type: previous === undefined ? 'ADDED' : 'MODIFIED',
        object: stored,
        ...(previous === undefined ? {} : { previous }),
      });
      return stored;
    },
    remove: (resource, namespace, name) => {
      const table = tableOf(resource);
      const previous = table.objects.get(objectKey(namespace, name));
      if (previous === undefined) return undefined;
      table.objects.delete(objectKey(namespace, name));
      const object = stamp(previous);
      record(resource, table, { revision, type: 'DELETED', object, previous });
      return object;
    },
    changesSince: (resource, since) => {
      const table = tableOf(resource);
      return since < table.forgottenUpTo ? undefined : table.history.filter((change) => change.revision > since);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
