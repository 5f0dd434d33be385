/**
 * In what two decisions differ, field by field.
 *
 * @module
 */

/** A value of JSON that is neither object nor list; undefined: the field is not there. */
export type Leaf = string | number | boolean | null | undefined;

export interface Difference {
  /** `scale.replicas`, `candidates[2].cost` */
  field: string;
  was: Leaf;
  is: Leaf;
}

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null;
const leaf = (value: unknown): Leaf => (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined);

const below = (field: string, name: string, isList: boolean): string => {
  if (isList) return `${field}[${name}]`;
  return field === '' ? name : `${field}.${name}`;
};

const namesOf = (value: unknown): string[] => (isTree(value) ? Object.keys(value) : []);
const at = (value: unknown, name: string): unknown => (isTree(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);

/** Every leaf in which two values of JSON differ, in the order of the first. An empty object or list is as good as none. */
export const differences = (was: unknown, is: unknown, field = ''): Difference[] => {
  // JSON has one zero, and no NaN.
  if (!isTree(was) && !isTree(is)) return leaf(was) === leaf(is) ? [] : [{ field, was: leaf(was), is: leaf(is) }];
  const isList = Array.isArray(was) || Array.isArray(is);
  const names = [...new Set([...namesOf(was), ...namesOf(is)])];
  const inside = names.flatMap((name) => differences(at(was, name), at(is, name), below(field, name, isList)));
  const outside = isTree(was) === isTree(is) ? [] : differences(isTree(was) ? undefined : was, isTree(is) ? undefined : is, field);
  return [...outside, ...inside];
};
