/**
 * Removal of what a schema does not know.
 *
 * @module
 */
import { isFields, type Fields } from '../json.ts';
import { anything, type Schema } from './schema.ts';

export interface Pruned {
  readonly value: unknown;
  /** Paths of the fields that were dropped, as `spec.pool.thraeds`. */
  readonly unknown: readonly string[];
}

const indexed = (path: string, index: number): string => `${path}[${index}]`;
const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

const pruneFields = (schema: Schema, fields: Fields, path: string, unknown: string[]): Fields => {
  const kept: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    const known = schema.properties.get(name) ?? schema.additional ?? (schema.openEnded ? anything : undefined);
    if (known === undefined) unknown.push(child(path, name));
    // A null stands for an absent field, unless the schema allows it as a value.
    else if (value !== null || known.nullable) kept[name] = pruneValue(known, value, child(path, name), unknown);
  }
  return kept;
};

const pruneValue = (schema: Schema, value: unknown, path: string, unknown: string[]): unknown => {
  if (Array.isArray(value)) {
    const items = schema.items ?? anything;
    return value.map((item: unknown, index) => pruneValue(items, item, indexed(path, index), unknown));
  }
  return isFields(value) ? pruneFields(schema, value, path, unknown) : value;
};

/** A copy without unknown fields and without nulls that mean absence. `path` is where the value stands. */
export const prune = (schema: Schema, value: unknown, path = ''): Pruned => {
  const unknown: string[] = [];
  return { value: pruneValue(schema, value, path, unknown), unknown };
};
