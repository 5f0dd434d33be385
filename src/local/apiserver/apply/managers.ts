/**
 * Field managers of one object: read from and written to `metadata.managedFields`.
 *
 * @module
 */
import * as z from 'zod';
import { at, listOf, type Fields } from '../json.ts';
import { difference, fromFieldsV1, isEmptySet, setOf, toFieldsV1, type FieldSet } from './field-set.ts';

export interface ManagerEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly set: FieldSet;
}

const entrySchema = z.object({
  manager: z.string().default(''),
  operation: z.enum(['Apply', 'Update']),
  apiVersion: z.string(),
  subresource: z.string().default(''),
  time: z.string().default(''),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});

/** Identity of an entry: an Apply manager is one across versions, an Update manager is one for each version. */
export const managerKey = ({ manager, operation, apiVersion, subresource }: Omit<ManagerEntry, 'set' | 'time'>): string =>
  JSON.stringify([operation, manager, subresource, operation === 'Update' ? apiVersion : '']);

/** The managers of an object by identity. Entries that are no managedFields entries are dropped. */
export const readManagers = (object: Fields): Map<string, ManagerEntry> => {
  const managers = new Map<string, ManagerEntry>();
  for (const raw of listOf(at(object, 'metadata', 'managedFields'))) {
    const parsed = entrySchema.safeParse(raw);
    if (!parsed.success) continue;
    const { fieldsV1, ...rest } = parsed.data;
    const entry = { ...rest, set: fromFieldsV1(fieldsV1) };
    managers.set(managerKey(entry), entry);
  }
  return managers;
};

/** What nobody owns: the server sets it or it identifies the object. */
const neverOwned: FieldSet = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation', 'managedFields', 'resourceVersion'].map((name) => [
    'f:metadata',
    `f:${name}`,
  ]),
);

/** A set without the fields that nobody can own. */
export const ownable = (set: FieldSet): FieldSet => difference(set, neverOwned);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The list for `metadata.managedFields`: appliers first, then by time and name. Managers of nothing are left out. */
export const writeManagers = (managers: Iterable<ManagerEntry>): readonly Fields[] =>
  [...managers]
    .filter(({ set }) => !isEmptySet(set))
    .toSorted(
      (a, b) =>
        compare(a.operation, b.operation) || compare(a.time, b.time) || compare(a.manager, b.manager) || compare(a.subresource, b.subresource),
    )
    .map(({ manager, operation, apiVersion, subresource, time, set }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === '' ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(set),
      ...(subresource === '' ? {} : { subresource }),
    }));
