/**
 * What a URL path of the Kubernetes API points at.
 *
 * @module
 */
import { badRequest } from '../status-error.ts';

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** '' for all namespaces and for cluster-scoped kinds. */
  readonly namespace: string;
  /** '' for a collection. */
  readonly name: string;
  /** '' for the object itself. */
  readonly subresource: string;
  /** The old form of a watch, `/api/v1/watch/…`. */
  readonly watch: boolean;
}

interface InGroup {
  readonly group: string;
  readonly version: string;
  readonly rest: readonly string[];
}

const splitGroup = (pathname: string): InGroup | undefined => {
  const [root, ...parts] = pathname.split('/').filter((part) => part !== '').map(decodePart);
  if (root === 'api') return { group: '', version: parts[0] ?? '', rest: parts.slice(1) };
  return root === 'apis' ? { group: parts[0] ?? '', version: parts[1] ?? '', rest: parts.slice(2) } : undefined;
};

const decodePart = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`the path of the URL is not well encoded at ${part}`);
  }
};

const namespaceSubresources = new Set(['status', 'finalize']);

/** `/api/v1/namespaces/NAME` and `/namespaces/NAME/status` are the namespace itself, `/namespaces/NAME/pods` lies in it. */
const splitNamespace = (parts: readonly string[]): readonly [namespace: string, rest: readonly string[]] => {
  const [first, name = '', third] = parts;
  if (first !== 'namespaces' || third === undefined) return ['', parts];
  return parts.length === 3 && namespaceSubresources.has(third) ? ['', parts] : [name, parts.slice(2)];
};

/** Parses `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for anything else, discovery included. Throws StatusError 400. */
export const parseResourcePath = (pathname: string): ResourcePath | undefined => {
  const place = splitGroup(pathname);
  if (place === undefined) return undefined;
  const watch = place.rest[0] === 'watch';
  const [namespace, [plural, name = '', subresource = '', ...more]] = splitNamespace(watch ? place.rest.slice(1) : place.rest);
  if (plural === undefined || more.length > 0) return undefined;
  return { group: place.group, version: place.version, plural, namespace, name, subresource, watch };
};
