/**
 * Empty lists and maps of built-in kinds: a real server does not keep them, since Go's encoder leaves them out.
 *
 * @module
 */
import { isFields, type Fields } from '../json.ts';
import { anything, type Schema } from './schema.ts';

/** Maps have members of one schema; objects with named fields mean something even when they are empty (`emptyDir: {}`). */
const isDroppable = (schema: Schema, value: unknown): boolean =>
  Array.isArray(value)
    ? value.length === 0
    : isFields(value) && schema.additional !== undefined && schema.properties.size === 0 && Object.keys(value).length === 0;

/** Removes empty lists and maps in place, at every depth the schema knows. */
export const dropEmpty = (schema: Schema, value: unknown): void => {
  if (Array.isArray(value)) return value.forEach((item: unknown) => dropEmpty(schema.items ?? anything, item));
  if (isFields(value)) dropMembers(schema, value);
};

const dropMembers = (schema: Schema, fields: Fields): void => {
  for (const [name, member] of Object.entries(fields)) {
    const known = schema.properties.get(name) ?? schema.additional;
    if (known === undefined) continue;
    dropEmpty(known, member);
    if (isDroppable(known, member)) delete fields[name];
  }
};
