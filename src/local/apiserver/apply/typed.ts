/**
 * How server-side apply sees a value: as one leaf, as a map or as a list whose items have identities.
 *
 * @module
 */
import { canonicalJson, isFields, type Fields } from '../json.ts';
import { anything, type Schema } from '../schema/schema.ts';
import { badRequest } from '../status-error.ts';

export type Shape = 'leaf' | 'map' | 'list';

/** The form in which a value with this schema is merged. Empty lists and maps are for the caller to treat as leaves. */
export const shapeOf = (schema: Schema, value: unknown): Shape => {
  if (Array.isArray(value)) return schema.items !== undefined && schema.listType !== 'atomic' ? 'list' : 'leaf';
  return isFields(value) && !schema.atomicMap ? 'map' : 'leaf';
};

/** Schema of a field of a map. Fields that no schema names are merged by what they look like: maps by key, lists whole. */
export const fieldSchema = (schema: Schema, name: string): Schema =>
  schema.properties.get(name) ?? schema.additional ?? anything;

export const itemSchema = (schema: Schema): Schema => schema.items ?? anything;

/** True for fields that the schema names: they are owned through what is in them. */
export const isNamedField = (schema: Schema, name: string): boolean => schema.properties.has(name);

/** True when a value has nothing in it, so that it can only be owned whole. */
export const isHollow = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0);

/**
 * The identity of a list item as a path element.
 *
 * @throws StatusError 400 when an item of a map list lacks a key that has no default.
 */
export const itemElement = (schema: Schema, item: unknown): string => {
  if (schema.listType === 'set') return `v:${JSON.stringify(item)}`;
  const fields: Fields = isFields(item) ? item : {};
  const key: Fields = {};
  for (const name of schema.listMapKeys) {
    const value = fields[name] ?? itemSchema(schema).properties.get(name)?.defaultValue;
    if (value !== undefined) key[name] = value;
  }
  if (Object.keys(key).length === 0) {
    throw badRequest(`element of an associative list with keys ${schema.listMapKeys.join(', ')} has none of them`);
  }
  return `k:${canonicalJson(key)}`;
};

/** Items by identity, first of each kept. With `strict` a second one is refused. */
export const itemsByElement = (schema: Schema, list: readonly unknown[], strict: boolean): Map<string, unknown> => {
  const items = new Map<string, unknown>();
  for (const item of list) {
    const element = itemElement(schema, item);
    if (strict && items.has(element)) throw badRequest(`duplicate entries for key [${element.slice(2)}]`);
    if (!items.has(element)) items.set(element, item);
  }
  return items;
};
