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

/** Two lists on their way into one, as path elements. */
interface Zip {
  readonly live: readonly string[];
  readonly wanted: readonly string[];
  /** Elements of both lists that are still to come, in the order of the configuration. */
  readonly shared: string[];
  readonly taken: Set<string>;
  l: number;
  r: number;
}

type Turn = 'both' | 'live' | 'wanted' | 'skip';

/** Whose item comes next. A shared item of the live list waits until the configuration's order has reached it. */
const nextTurn = ({ live, wanted, shared, taken, l, r }: Zip, isWanted: (element: string) => boolean): Turn => {
  const left = live[l];
  const right = wanted[r];
  if (left === undefined) return 'wanted';
  if (right !== undefined && left === right) return 'both';
  if (!isWanted(left)) return 'live';
  const waits = right !== undefined && shared[0] !== undefined && shared[0] !== left;
  return waits || taken.has(left) ? 'skip' : 'wanted';
};

/** The order in which the items of both lists stand in the merged one: that of the configuration, foreign items where they were. */
const mergedOrder = (live: readonly string[], wanted: readonly string[]): readonly string[] => {
  const inLive = new Set(live);
  const inWanted = new Set(wanted);
  const zip: Zip = { live, wanted, shared: wanted.filter((element) => inLive.has(element)), taken: new Set(), l: 0, r: 0 };
  const order: string[] = [];
  while (zip.l < live.length || zip.r < wanted.length) {
    const turn = nextTurn(zip, (element) => inWanted.has(element));
    const element = turn === 'wanted' ? wanted[zip.r] : live[zip.l];
    if (turn !== 'skip' && element !== undefined) order.push(element);
    if (turn === 'both' || turn === 'wanted') {
      zip.taken.add(element ?? '');
      if (zip.shared[0] === element) zip.shared.shift();
      zip.r += 1;
    }
    if (turn !== 'wanted') zip.l += 1;
  }
  return order;
};

const mergeLists = (schema: Schema, live: readonly unknown[], config: readonly unknown[]): unknown[] => {
  const wanted = itemsByElement(schema, config, true);
  const present = itemsByElement(schema, live, false);
  return mergedOrder([...present.keys()], [...wanted.keys()]).map((element) =>
    mergeValues(itemSchema(schema), present.get(element), wanted.get(element)),
  );
};

/**
 * The value without the members of a set; undefined when nothing is left. A map or list that lost everything in it stays as null:
 * it was emptied, not removed, and whoever owns it goes on owning it. `dropNulls` ends that state.
 */
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
    kept[name] = isEmptySet(below) ? child : (removeFields(fieldSchema(schema, name), child, below) ?? null);
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
};

/** The value without nulls that the schema does not allow. */
export const dropNulls = (schema: Schema, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => dropNulls(itemSchema(schema), item));
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([name, child]) => child !== null || fieldSchema(schema, name).nullable);
  return Object.fromEntries(kept.map(([name, child]) => [name, dropNulls(fieldSchema(schema, name), child)]));
};
