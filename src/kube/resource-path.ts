/**
 * URL paths and queries of the Kubernetes REST API.
 *
 * @module
 */
import type { ListOptions, ObjectKey, ResourceType, WatchOptions, WriteOptions } from '../runtime/ports.ts';

/** Path of a collection; without a namespace, of all namespaces. */
export const collectionPath = (type: ResourceType, namespace?: string): string => {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const inNamespace = type.namespaced && namespace !== undefined && namespace !== '';
  return inNamespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${type.plural}` : `${root}/${type.plural}`;
};

/** Path of one object, or of a subresource of it. */
export const objectPath = (type: ResourceType, key: ObjectKey, subresource?: string): string => {
  const path = `${collectionPath(type, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
};

/** Query of a list. */
export const listQuery = (options: ListOptions): string =>
  query({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
  });

/** Query of a watch; always with bookmarks, so that a quiet watch keeps a fresh resource version. */
export const watchQuery = (options: WatchOptions): string =>
  query({
    watch: 'true',
    allowWatchBookmarks: 'true',
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds,
  });

/** Query of a write. `force` belongs to server-side apply alone: other requests are refused with it. */
export const writeQuery = (options: WriteOptions, apply: boolean): string =>
  query({
    fieldManager: options.fieldManager,
    force: apply && options.force === true ? 'true' : undefined,
    dryRun: options.dryRun === true ? 'All' : undefined,
  });

const query = (parameters: Record<string, string | number | undefined>): string => {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') given.set(name, String(value));
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
};
