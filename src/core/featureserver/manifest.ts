/**
 * Kubernetes objects as the pure parts see them: JSON with typed metadata. Only what is read or sent here is named; an object
 * of `src/runtime`, which this room may not know, has all of it and fits.
 *
 * @module
 */

export interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
}

export interface ManifestMeta {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
  managedFields?: ManagedFields[];
}

/** An object of any kind, as read or as sent. */
export interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata: ManifestMeta;
  [field: string]: unknown;
}

/** True for a JSON object: not null, not a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of field names, or undefined where the path ends early. */
export const at = (value: unknown, ...path: string[]): unknown => {
  let current = value;
  for (const field of path) {
    if (!isRecord(current)) return undefined;
    current = current[field];
  }
  return current;
};

/** The number at a path; `fallback` when there is none. API servers leave zero counts out of a status. */
export const numberAt = (value: unknown, fallback: number, ...path: string[]): number => {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : fallback;
};

/** The text at a path, or undefined. */
export const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/** The list of objects at a path; empty when there is none. */
export const recordsAt = (value: unknown, ...path: string[]): Record<string, unknown>[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter(isRecord) : [];
};
