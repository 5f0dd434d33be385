/**
 * Server-side apply and the ownership of plain updates, after the rules of Kubernetes' structured merge:
 * an applier owns exactly what it sends; a field it stops sending goes when nobody else owns it; a field that another owns with
 * another value is a conflict unless forced; an update owns what it changes and takes it from everybody else.
 *
 * @module
 */
import { fieldsOf, jsonEqual, type Fields } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { applyConflict, type Cause } from '../status-error.ts';
import { difference, intersection, isEmptySet, membersOf, sameSet, showPath, union, emptySet, type FieldSet } from './field-set.ts';
import { compareValues, fieldSetOf, withNamedFields, type Comparison } from './field-sets-of.ts';
import { managerKey, ownable, readManagers, writeManagers, type ManagerEntry } from './managers.ts';
import { dropNulls, mergeValues, removeFields } from './merge.ts';

/** Who writes, through what, and when. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339, seconds. */
  readonly time: string;
}

type Managers = Map<string, ManagerEntry>;

/** Takes changed and removed fields from all managers but the writer. */
const disown = (managers: Managers, changes: Comparison, writer: string): void => {
  const changed = union(union(changes.added, changes.modified), changes.removed);
  for (const [key, entry] of managers) {
    if (key !== writer) managers.set(key, { ...entry, set: difference(entry.set, changed) });
  }
};

/** An entry keeps its time while its fields stay the same, and when others took fields from it: it did not write. */
const settle = (managers: Managers, before: Managers, writer: string, time: string): readonly Fields[] =>
  writeManagers(
    [...managers].map(([key, entry]) => {
      const old = before.get(key);
      const unchanged = old !== undefined && sameSet(old.set, entry.set);
      return { ...entry, time: old !== undefined && (key !== writer || unchanged) ? old.time : time };
    }),
  );

/** `managedFields` after an update, a create or a patch turned `live` into `next`. */
export const ownershipAfterUpdate = (schema: Schema, live: Fields, next: Fields, writer: Writer): readonly Fields[] => {
  const before = readManagers(next);
  const managers: Managers = new Map(before);
  const identity = { ...writer, operation: 'Update' as const };
  const key = managerKey(identity);
  const changes = compareValues(schema, live, next);
  disown(managers, changes, key);
  const own = managers.get(key)?.set ?? emptySet;
  const set = ownable(union(union(difference(own, changes.removed), changes.modified), changes.added));
  managers.set(key, { ...identity, set });
  return settle(managers, before, key, writer.time);
};

export interface Applied {
  readonly object: Fields;
  readonly managedFields: readonly Fields[];
}

/**
 * Merges a configuration into the live object.
 *
 * @param config What the manager sends, already without fields it cannot write here.
 * @throws StatusError 409 that names every field another manager owns with another value, unless `force`.
 */
export const applyConfiguration = (
  schema: Schema,
  live: Fields,
  config: Fields,
  writer: Writer,
  force: boolean,
): Applied => {
  const before = readManagers(live);
  const managers: Managers = new Map(before);
  const identity = { ...writer, operation: 'Apply' as const };
  const key = managerKey(identity);
  const last = before.get(key)?.set ?? emptySet;
  // With the name in it: what the configuration names is not pruned. Nobody owns a name in the end.
  const sent = fieldSetOf(schema, config);
  managers.set(key, { ...identity, set: sent });
  const merged = fieldsOf(mergeValues(schema, live, config));
  const object = isEmptySet(last) ? merged : prune(schema, merged, managers, last);
  const changes = compareValues(schema, live, object);
  if (!force) refuseConflicts(managers, changes, key);
  disown(managers, changes, key);
  managers.set(key, { ...identity, set: ownable(sent) });
  return { object: fieldsOf(dropNulls(schema, object)), managedFields: settle(managers, before, key, writer.time) };
};

/** Removes what the manager applied last time and nobody owns any more. */
const prune = (schema: Schema, merged: Fields, managers: Managers, last: FieldSet): Fields => {
  const named = (set: FieldSet): FieldSet => withNamedFields(schema, set);
  const mergedSet = named(fieldSetOf(schema, merged));
  const withoutLast = removeFields(schema, merged, named(last));
  const leftSet = named(fieldSetOf(schema, fieldsOf(withoutLast)));
  let owned = emptySet;
  for (const { set } of managers.values()) owned = union(owned, set);
  // Items that others own come back, with the maps and items around them ...
  const unowned = difference(mergedSet, union(leftSet, named(owned)));
  const pruned = fieldsOf(removeFields(schema, merged, unowned));
  // ... and so does what hung below a removed field without having been applied by this manager.
  const prunedSet = named(fieldSetOf(schema, pruned));
  const gone = intersection(difference(mergedSet, prunedSet), named(last));
  return fieldsOf(removeFields(schema, merged, gone));
};

const refuseConflicts = (managers: Managers, changes: Comparison, writer: string): void => {
  const changed = union(changes.added, changes.modified);
  const causes: Cause[] = [];
  for (const [key, entry] of managers) {
    if (key === writer) continue;
    for (const path of membersOf(intersection(entry.set, changed))) {
      causes.push({ reason: 'FieldManagerConflict', message: `conflict with ${describe(entry)}`, field: showPath(path) });
    }
  }
  if (causes.length > 0) throw applyConflict(causes);
};

const describe = ({ manager, operation, apiVersion, subresource }: ManagerEntry): string => {
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `"${manager}"${subresource === '' ? '' : ` with subresource "${subresource}"`}${using}`;
};

/** Whether two versions of an object are the same but for the times in managedFields. */
export const sameButTimes = (a: Fields, b: Fields): boolean => jsonEqual(timeless(a), timeless(b));

const timeless = (object: Fields): Fields => {
  const metadata = fieldsOf(object['metadata']);
  const managed = [...readManagers(object).values()].map((entry) => ({ ...entry, time: '' }));
  return { ...object, metadata: { ...metadata, managedFields: writeManagers(managed) } };
};
