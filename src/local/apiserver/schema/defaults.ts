/**
 * Defaults that a schema writes into an object.
 *
 * @module
 */
import { clone, isFields } from '../json.ts';
import type { Schema } from './schema.ts';

/** Fills absent fields in place, from the outside in, so that a default object gets its own members' defaults. */
export const fillSchemaDefaults = (schema: Schema, value: unknown): void => {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) for (const item of value) fillSchemaDefaults(items, item);
    return;
  }
  if (!isFields(value)) return;
  for (const [name, property] of schema.properties) {
    if (value[name] === undefined && property.defaultValue !== undefined) value[name] = clone(property.defaultValue);
    fillSchemaDefaults(property, value[name]);
  }
  if (schema.additional === undefined) return;
  for (const [name, member] of Object.entries(value)) {
    if (!schema.properties.has(name)) fillSchemaDefaults(schema.additional, member);
  }
};
