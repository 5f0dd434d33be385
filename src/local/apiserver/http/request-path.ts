/**
 * What a URL path of the Kubernetes API points at.
 *
 * @module
 */

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

/** Parses `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for anything else, discovery included. */
export const parseResourcePath = (pathname: string): ResourcePath | undefined => {
  const parts = pathname.split('/').filter((part) => part !== '').map(decodeURIComponent);
  const root = parts.shift();
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'apis' ? (parts.shift() ?? '') : '';
  const version = parts.shift() ?? '';
  const watch = parts[0] === 'watch';
  if (watch) parts.shift();
  // `/api/v1/namespaces/NAME` is the namespace itself, `/api/v1/namespaces/NAME/pods` lies in it.
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !(parts.length === 3 && isNamespaceSubresource(parts[2]));
  const namespace = inNamespace ? (parts[1] ?? '') : '';
  const [plural, name = '', subresource = '', ...rest] = inNamespace ? parts.slice(2) : parts;
  if (plural === undefined || version === '' || rest.length > 0) return undefined;
  return { group, version, plural, namespace, name, subresource, watch };
};

const isNamespaceSubresource = (part: string | undefined): boolean => part === 'status' || part === 'finalize';
