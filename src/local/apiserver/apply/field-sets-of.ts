/**
 * Field sets from values: the fields a configuration names, the fields in which two objects differ.
 *
 * @module
 */
import { fieldsOf, isFields, jsonEqual, listOf } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { emptySet, FieldSetBuilder, type FieldSet } from './field-set.ts';
import { fieldSchema, isHollow, isNamedField, itemElement, itemsByElement, itemSchema, shapeOf } from './typed.ts';

type Path = readonly string[];

const collect = (set: FieldSetBuilder, schema: Schema, value: unknown, path: Path): void => {
  const shape = shapeOf(schema, value);
  if (shape === 'leaf') return set.insert(path);
  if (shape === 'list') {
    for (const item of listOf(value)) {
      const element = [...path, itemElement(schema, item)];
      collect(set, itemSchema(schema), item, element);
      set.insert(element);
    }
    return;
  }
  for (const [name, child] of Object.entries(fieldsOf(value))) {
    const element = [...path, `f:${name}`];
    collect(set, fieldSchema(schema, name), child, element);
    if (!isNamedField(schema, name) || child === null || (isFields(child) && isHollow(child))) set.insert(element);
  }
};

/** Every field that a value names. */
export const fieldSetOf = (schema: Schema, value: unknown): FieldSet => {
  const set = new FieldSetBuilder();
  collect(set, schema, value, []);
  return set.build();
};

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Sets {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

const markOneSided = (sets: Sets, before: unknown, after: unknown, path: Path): void => {
  if (before === undefined) sets.added.insert(path);
  else if (after === undefined) sets.removed.insert(path);
};

const compareLeaf = (sets: Sets, before: unknown, after: unknown, path: Path): void => {
  if (before === undefined || after === undefined) markOneSided(sets, before, after, path);
  else if (!jsonEqual(before, after)) sets.modified.insert(path);
};

const compareParts = (sets: Sets, schema: Schema, [before, after]: readonly [unknown, unknown], path: Path): void => {
  const list = Array.isArray(after ?? before);
  const left = list ? itemsByElement(schema, listOf(before), false) : new Map(Object.entries(fieldsOf(before)));
  const right = list ? itemsByElement(schema, listOf(after), false) : new Map(Object.entries(fieldsOf(after)));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const child = list ? itemSchema(schema) : fieldSchema(schema, key);
    compareAt(sets, child, [left.get(key), right.get(key)], [...path, list ? key : `f:${key}`]);
  }
};

const compareAt = (sets: Sets, schema: Schema, [before, after]: readonly [unknown, unknown], path: Path): void => {
  const shape = shapeOf(schema, after ?? before);
  const changedShape = before !== undefined && after !== undefined && shapeOf(schema, before) !== shape && !isHollow(before) && !isHollow(after);
  if (shape === 'leaf' || changedShape || (isHollow(before) && isHollow(after))) return compareLeaf(sets, before, after, path);
  compareParts(sets, schema, [before, after], path);
  markOneSided(sets, before, after, path);
};

/** What was added, changed and removed between two states of an object. */
export const compareValues = (schema: Schema, before: unknown, after: unknown): Comparison => {
  const sets: Sets = { added: new FieldSetBuilder(), modified: new FieldSetBuilder(), removed: new FieldSetBuilder() };
  compareAt(sets, schema, [before, after], []);
  return { added: sets.added.build(), modified: sets.modified.build(), removed: sets.removed.build() };
};

/**
 * The same set with every named field that has members below it made a member too: only then does the difference of two sets
 * also take away the map that holds the fields.
 */
export const withNamedFields = (schema: Schema, set: FieldSet): FieldSet => {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of set.children) {
    const name = element.slice(2);
    const isField = element.startsWith('f:');
    const below = withNamedFields(isField ? fieldSchema(schema, name) : itemSchema(schema), child);
    children.set(element, { ...below, member: child.member || (isField && isNamedField(schema, name)) });
  }
  return children.size === 0 && !set.member ? emptySet : { member: set.member, children };
};
