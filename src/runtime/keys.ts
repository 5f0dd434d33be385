/**
 * Names of objects in stores and queues: `namespace/name`, or `name` alone for cluster-scoped objects.
 *
 * @module
 */
import type { KubeObject, ObjectKey } from './ports.ts';

/** Key of a namespace and a name. */
export const formatKey = ({ namespace, name }: ObjectKey): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;

/** Key of an object; an object without a name has the key `''`, which no store accepts. */
export const keyOf = (object: KubeObject): string =>
  formatKey({ namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' });

/** The opposite of `formatKey`. Names and namespaces hold no slash (RFC 1123), so the first one separates. */
export const parseKey = (key: string): ObjectKey => {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
};
