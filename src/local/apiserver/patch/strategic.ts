/**
 * Strategic merge patch: a merge patch that knows which lists are merged by a key, with the directives that kubectl sends.
 *
 * @module
 */
import { isFields, jsonEqual, listOf, type Fields } from '../json.ts';
import { anything, type Schema } from '../schema/schema.ts';
import { badRequest } from '../status-error.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

const isDirective = (name: string): boolean =>
  name === directive || name === retainKeys || name.startsWith(deletePrefix) || name.startsWith(orderPrefix);

/** The patch without directives, for a place where nothing is to be merged with. */
const plain = (schema: Schema, patch: unknown): unknown => {
  if (Array.isArray(patch)) {
    return patch.filter((item: unknown) => !isFields(item) || item[directive] !== 'delete').map((item: unknown) => plain(schema.items ?? anything, item));
  }
  return isFields(patch) ? mergeFields(schema, {}, patch) : patch;
};

const propertyOf = (schema: Schema, name: string): Schema => schema.properties.get(name) ?? schema.additional ?? anything;

/**
 * The value with the patch on top.
 *
 * @throws StatusError 400 when an item of a list lacks its merge key.
 */
export const strategicMergePatch = (schema: Schema, value: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) throw badRequest('a strategic merge patch must be a JSON object');
  return mergeFields(schema, isFields(value) ? value : {}, patch);
};

const mergeFields = (schema: Schema, value: Fields, patch: Fields): Fields => {
  if (patch[directive] === 'replace') return mergeFields(schema, {}, withoutDirective(patch));
  if (patch[directive] === 'delete') return {};
  const kept = patch[retainKeys];
  const merged: Fields = Array.isArray(kept) ? Object.fromEntries(Object.entries(value).filter(([name]) => kept.includes(name))) : { ...value };
  for (const [name, part] of Object.entries(patch)) {
    if (isDirective(name)) continue;
    if (part === null) delete merged[name];
    else merged[name] = mergeMember(propertyOf(schema, name), merged[name], part);
  }
  applyListDirectives(schema, merged, patch);
  return merged;
};

const withoutDirective = ({ [directive]: _directive, ...rest }: Fields): Fields => rest;

const mergeMember = (schema: Schema, value: unknown, patch: unknown): unknown => {
  if (isFields(patch)) return mergeFields(schema, isFields(value) ? value : {}, patch);
  if (!Array.isArray(patch)) return patch;
  if (!schema.patchStrategies.includes('merge')) return plain(schema, patch);
  return schema.mergeKey === undefined ? mergePrimitives(listOf(value), patch) : mergeItems(schema, schema.mergeKey, listOf(value), patch);
};

const mergePrimitives = (value: readonly unknown[], patch: readonly unknown[]): unknown[] => [
  ...value,
  ...patch.filter((item) => !value.some((present) => jsonEqual(present, item))),
];

const mergeItems = (schema: Schema, key: string, value: readonly unknown[], patch: readonly unknown[]): unknown[] => {
  const items = patch.filter(isFields);
  if (items.some((item) => item[directive] === 'replace')) {
    return items.filter((item) => item[directive] === undefined).map((item) => plain(schema.items ?? anything, item));
  }
  let merged = [...value];
  for (const item of items) {
    if (item[key] === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const same = (candidate: unknown): boolean => isFields(candidate) && jsonEqual(candidate[key], item[key]);
    const position = merged.findIndex(same);
    if (item[directive] === 'delete') merged = merged.filter((candidate) => !same(candidate));
    else if (position < 0) merged.push(plain(schema.items ?? anything, item));
    else merged[position] = mergeMember(schema.items ?? anything, merged[position], item);
  }
  return merged;
};

const applyListDirectives = (schema: Schema, merged: Fields, patch: Fields): void => {
  for (const [name, part] of Object.entries(patch)) {
    if (name.startsWith(deletePrefix)) {
      const field = name.slice(deletePrefix.length);
      merged[field] = listOf(merged[field]).filter((item) => !listOf(part).some((gone) => jsonEqual(gone, item)));
    } else if (name.startsWith(orderPrefix)) {
      const field = name.slice(orderPrefix.length);
      const key = propertyOf(schema, field).mergeKey;
      if (Array.isArray(merged[field])) merged[field] = reorder(listOf(merged[field]), listOf(part), key);
    }
  }
};

/** Items named in the order come in that order; the others stay where they are between them. */
const reorder = (list: readonly unknown[], order: readonly unknown[], key: string | undefined): unknown[] => {
  const identity = (item: unknown): unknown => (key !== undefined && isFields(item) ? item[key] : item);
  const rank = (item: unknown): number => order.findIndex((wanted) => jsonEqual(identity(wanted), identity(item)));
  const ranked = list.filter((item) => rank(item) >= 0).toSorted((a, b) => rank(a) - rank(b));
  let next = 0;
  return list.map((item) => (rank(item) < 0 ? item : ranked[next++]));
};
