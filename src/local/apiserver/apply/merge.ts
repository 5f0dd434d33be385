/**
 * Merging of an applied configuration into a live value, and removal of fields.
 *
 * @module
 */
import { fieldsOf, isFields, listOf, type Fields } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { emptySet, isEmptySet, type FieldSet } from './field-set.ts';
import { fieldSchema, isHollow, itemElement, itemsByElement, itemSchema, shapeOf } from './typed.ts';

/** The live value with the configuration on top. Map lists are merged by key, sets by value, everything else is replaced. */
export const mergeValues = (schema: Schema, live: unknown, config: unknown): unknown => {
  if (config === undefined) return live;
  if (live === undefined || live === null) return mergeFresh(schema, config);
  const shape = shapeOf(schema, config);
  if (shape === 'leaf' || shape !== shapeOf(schema, live) || (isHollow(live) && isHollow(config))) return config;
  return shape === 'map' ? mergeMaps(schema, fieldsOf(live), fieldsOf(config)) : mergeLists(schema, listOf(live), listOf(config));
};

/** Refuses duplicate items of a configuration that nothing is merged with. */
const mergeFresh = (schema: Schema, config: unknown): unknown => {
  const shape = shapeOf(schema, config);
  if (shape === 'leaf' || isHollow(config)) return config;
  return shape === 'map' ? mergeMaps(schema, {}, fieldsOf(config)) : mergeLists(schema, [], listOf(config));
};

const mergeMaps = (schema: Schema, live: Fields, config: Fields): Fields => {
  const merged: Fields = { ...live };
  for (const [name, value] of Object.entries(config)) merged[name] = mergeValues(fieldSchema(schema, name), live[name], value);
  return merged;
};

/**
 * Items of the configuration keep their order. Items that only the live list has stay where they are, before the first common
 * item that followed them.
 */
const mergeLists = (schema: Schema, live: readonly unknown[], config: readonly unknown[]): unknown[] => {
  const wanted = itemsByElement(schema, config, true);
  const present = itemsByElement(schema, live, false);
  const order = [...wanted.keys()];
  const merged: unknown[] = [];
  let next = 0;
  const takeWanted = (until: string | undefined): void => {
    for (; next < order.length; next += 1) {
      const element = order[next] ?? '';
      merged.push(mergeValues(itemSchema(schema), present.get(element), wanted.get(element)));
      if (element === until) {
        next += 1;
        return;
      }
    }
  };
  for (const item of live) {
    const element = itemElement(schema, item);
    if (!wanted.has(element)) merged.push(item);
    else if (order.indexOf(element) >= next) takeWanted(element);
  }
  takeWanted(undefined);
  return merged;
};

/** The value without the members of a set; undefined when nothing is left. */
export const removeFields = (schema: Schema, value: unknown, toRemove: FieldSet): unknown => {
  const shape = shapeOf(schema, value);
  if (shape === 'leaf') return Array.isArray(value) || isFields(value) ? undefined : value;
  return shape === 'list' ? removeItems(schema, listOf(value), toRemove) : removeMembers(schema, fieldsOf(value), toRemove);
};

const removeItems = (schema: Schema, list: readonly unknown[], toRemove: FieldSet): unknown => {
  const kept: unknown[] = [];
  for (const item of list) {
    const below = toRemove.children.get(itemElement(schema, item)) ?? emptySet;
    if (!below.member) kept.push(isEmptySet(below) ? item : removeFields(itemSchema(schema), item, below));
  }
  return kept.length === 0 ? undefined : kept;
};

const removeMembers = (schema: Schema, fields: Fields, toRemove: FieldSet): unknown => {
  const kept: Fields = {};
  for (const [name, child] of Object.entries(fields)) {
    const below = toRemove.children.get(`f:${name}`) ?? emptySet;
    if (below.member) continue;
    const left = isEmptySet(below) ? child : removeFields(fieldSchema(schema, name), child, below);
    if (left !== undefined) kept[name] = left;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
};
