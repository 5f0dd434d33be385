/**
 * An object at rest: JSON with the metadata that the server itself sets.
 *
 * @module
 */
import type { KubeObject } from '../../../runtime/ports.ts';
import { badRequest } from '../status-error.ts';
import { isFields, type Fields } from '../json.ts';

/** The object as the runtime's port types it. Throws StatusError 400 when there is no metadata object. */
export const asKubeObject = (value: Fields): KubeObject => {
  if (!isKubeObject(value)) throw badRequest('metadata must be an object');
  return value;
};

/** Metadata members are checked by the schema before an object is stored; here only the shape that code relies on. */
const isKubeObject = (value: Fields): value is KubeObject => isFields(value['metadata']);

/** The metadata of an object of this server's own making, to be changed in place. */
export const metaOf = (object: Fields): Fields => {
  const metadata = object['metadata'];
  if (isFields(metadata)) return metadata;
  const fresh: Fields = {};
  object['metadata'] = fresh;
  return fresh;
};

/** Key inside one resource: `namespace/name`, a cluster-scoped object has no namespace part. */
export const objectKey = (namespace: string, name: string): string => `${namespace}/${name}`;
