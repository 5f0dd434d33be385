/**
 * Reads `metadata.managedFields`. An API server drops a field from a manager's set as soon as anybody else changes its
 * value, so "we still own all that we sent" is an exact test for drift, without knowing any schema, default or
 * normal form (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
 *
 * @module
 */
import { isRecord } from './manifest.ts';
import type { ManagedFields, Manifest } from './manifest.ts';

const packedKey = 'packed';

/** A field set as one text, for caches: a set is hundreds of small objects, and is read only when its object is reconciled. */
export const packFields = (fields: Record<string, unknown>): Record<string, unknown> => ({ [packedKey]: JSON.stringify(fields) });

const unpacked = (fields: Record<string, unknown> | undefined): Record<string, unknown> | undefined => {
  const text = fields?.[packedKey];
  if (typeof text !== 'string') return fields;
  const parsed: unknown = JSON.parse(text);
  return isRecord(parsed) ? parsed : {};
};

/** What a manager owns by server-side apply on the main resource; undefined when it has applied nothing. */
export const appliedFields = (object: Manifest, manager: string): Record<string, unknown> | undefined =>
  unpacked(object.metadata.managedFields?.find((entry) => isApplyOf(entry, manager))?.fieldsV1);

const isApplyOf = (entry: ManagedFields, manager: string): boolean =>
  entry.manager === manager && entry.operation === 'Apply' && (entry.subresource ?? '') === '';

/** Names of all managers, of whatever operation, that own the field at this path of field names. */
export const ownersOf = (object: Manifest, ...path: string[]): string[] => {
  const owners = (object.metadata.managedFields ?? []).filter((entry) => owns(unpacked(entry.fieldsV1), path));
  return [...new Set(owners.flatMap(({ manager }) => manager ?? []))];
};

const owns = (fields: unknown, path: readonly string[]): boolean => {
  let current = fields;
  for (const field of path) {
    if (!isRecord(current) || !(`f:${field}` in current)) return false;
    current = current[`f:${field}`];
  }
  return true;
};

/**
 * True when a field set covers every leaf of `value`. An empty set at a place is an atomic value (owned as a whole);
 * elements of lists are found by the keys the set itself names, so that no schema is needed.
 */
export const covers = (fields: unknown, value: unknown): boolean => {
  if (!isRecord(fields)) return false;
  const content = Object.keys(fields).filter((key) => key !== '.');
  if (content.length === 0) return true;
  if (Array.isArray(value)) return value.every((element) => coversElement(fields, content, element));
  if (!isRecord(value)) return true;
  return Object.entries(value).every(([name, child]) => child === undefined || covers(fields[`f:${name}`], child));
};

const coversElement = (fields: Record<string, unknown>, content: string[], element: unknown): boolean => {
  if (!isRecord(element)) return content.includes(`v:${JSON.stringify(element)}`);
  const key = content.find((candidate) => candidate.startsWith('k:') && isKeyOf(candidate.slice(2), element));
  return key !== undefined && covers(fields[key], element);
};

/** Key fields that the element does not name were filled in by a default of the server (`protocol: TCP`). */
const isKeyOf = (json: string, element: Record<string, unknown>): boolean => {
  const key: unknown = JSON.parse(json);
  return isRecord(key) && Object.entries(key).every(([name, value]) => element[name] === undefined || element[name] === value);
};
