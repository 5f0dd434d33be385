/**
 * Sets of field paths: who owns what. A set is a tree; a node may be a member itself and have members below it.
 * Path elements are written as in managedFields: `f:name` a field, `k:{"name":"a"}` an item of a map list, `v:"x"` an item of a
 * set, `.` the node itself.
 *
 * @module
 */
import { isFields, type Fields } from '../json.ts';

export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { member: false, children: new Map() };
const leaf: FieldSet = { member: true, children: new Map() };

export const isEmptySet = (set: FieldSet): boolean => !set.member && set.children.size === 0;

const node = (member: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet =>
  !member && children.size === 0 ? emptySet : { member, children };

/** The members of both. */
export const union = (a: FieldSet, b: FieldSet): FieldSet => {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [element, child] of b.children) {
    const own = children.get(element);
    children.set(element, own === undefined ? child : union(own, child));
  }
  return node(a.member || b.member, children);
};

const combine = (
  a: FieldSet,
  b: FieldSet,
  keepMember: (inA: boolean, inB: boolean) => boolean,
): FieldSet => {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of a.children) {
    const kept = combine(child, b.children.get(element) ?? emptySet, keepMember);
    if (!isEmptySet(kept)) children.set(element, kept);
  }
  return node(keepMember(a.member, b.member), children);
};

/** The members of `a` that are not members of `b`. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && !inB);

/** The members that both have. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (inA, inB) => inA && inB);

/** Same members. */
export const sameSet = (a: FieldSet, b: FieldSet): boolean =>
  a.member === b.member &&
  a.children.size === b.children.size &&
  [...a.children].every(([element, child]) => sameSet(child, b.children.get(element) ?? emptySet));

/** A set under construction. */
export class FieldSetBuilder {
  #member = false;
  readonly #children = new Map<string, FieldSetBuilder>();

  /** Makes the path a member. The root is never one: nobody owns a whole object. */
  insert(path: readonly string[]): void {
    const [first, ...rest] = path;
    if (first === undefined) return;
    const child = this.#child(first);
    if (rest.length === 0) child.#member = true;
    else child.insert(rest);
  }

  #child(element: string): FieldSetBuilder {
    let child = this.#children.get(element);
    if (child === undefined) this.#children.set(element, (child = new FieldSetBuilder()));
    return child;
  }

  build(): FieldSet {
    if (this.#children.size === 0) return this.#member ? leaf : emptySet;
    return node(this.#member, new Map([...this.#children].map(([element, child]) => [element, child.build()])));
  }
}

/** A set with these paths as members. */
export const setOf = (...paths: readonly (readonly string[])[]): FieldSet => {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.build();
};

/** Every member, as a path. */
export const membersOf = (set: FieldSet, path: readonly string[] = []): readonly (readonly string[])[] => [
  ...(set.member ? [path] : []),
  ...[...set.children].flatMap(([element, child]) => membersOf(child, [...path, element])),
];

/** The form of `managedFields[].fieldsV1`. */
export const toFieldsV1 = (set: FieldSet): Fields => {
  const fields: Fields = {};
  if (set.member && set.children.size > 0) fields['.'] = {};
  for (const [element, child] of [...set.children].toSorted(([a], [b]) => (a < b ? -1 : 1))) fields[element] = toFieldsV1(child);
  return fields;
};

/** The opposite of `toFieldsV1`; what is no field set reads as empty. */
export const fromFieldsV1 = (value: unknown): FieldSet => {
  if (!isFields(value)) return emptySet;
  const below = (fields: Fields): FieldSet => {
    const children = new Map<string, FieldSet>();
    for (const [element, child] of Object.entries(fields)) {
      if (element !== '.' && isFields(child)) children.set(element, below(child));
    }
    return node(children.size === 0 || Object.hasOwn(fields, '.'), children);
  };
  return Object.keys(value).length === 0 ? emptySet : below(value);
};

/** A path as kubectl shows it: `.spec.containers[name="a"].image`. */
export const showPath = (path: readonly string[]): string => path.map(showElement).join('');

const showElement = (element: string): string => {
  const body = element.slice(2);
  if (element.startsWith('f:')) return `.${body}`;
  if (element.startsWith('v:')) return `[=${body}]`;
  if (!element.startsWith('k:')) return `[${body}]`;
  const key: unknown = JSON.parse(body);
  const parts = isFields(key) ? Object.entries(key).map(([name, value]) => `${name}=${JSON.stringify(value)}`) : [];
  return `[${parts.join(',')}]`;
};
