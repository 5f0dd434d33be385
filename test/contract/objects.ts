/**
 * Objects that the cases use.
 *
 * @module
 */
import type { Json } from './subject.ts';

export const configMaps = (namespace: string, name = ''): string => `/api/v1/namespaces/${namespace}/configmaps${name === '' ? '' : `/${name}`}`;
export const pods = (namespace: string, name = ''): string => `/api/v1/namespaces/${namespace}/pods${name === '' ? '' : `/${name}`}`;
export const services = (namespace: string, name = ''): string => `/api/v1/namespaces/${namespace}/services${name === '' ? '' : `/${name}`}`;
export const deployments = (namespace: string, name = ''): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments${name === '' ? '' : `/${name}`}`;
export const leases = (namespace: string, name = ''): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases${name === '' ? '' : `/${name}`}`;
export const events = (namespace: string): string => `/api/v1/namespaces/${namespace}/events`;
export const servers = (namespace: string, name = ''): string =>
  `/apis/plateau.dev/v1alpha1/namespaces/${namespace}/featureservers${name === '' ? '' : `/${name}`}`;

export const configMap = (name: string, data: Record<string, string> = {}, metadata: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  // An empty map is dropped by a real server, but owned by whoever applies it.
  ...(Object.keys(data).length === 0 ? {} : { data }),
});

export const pod = (name: string, spec: Json = {}, metadata: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'server', image: 'example/server:1' }], ...spec },
});

/** A Deployment that selects `app: NAME`; `spec` is merged over its spec. */
export const deployment = (name: string, container: Json = {}, spec: Json = {}): Json => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'server', image: 'example/server:1', ...container }] } },
    ...spec,
  },
});

export const service = (name: string): Json => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] },
});

/** The smallest FeatureServer; `spec` is merged over its spec. */
export const featureServer = (name: string, spec: Json = {}): Json => ({
  apiVersion: 'plateau.dev/v1alpha1',
  kind: 'FeatureServer',
  metadata: { name },
  spec: { objective: { p95: '30ms' }, server: { builtin: { featureStore: { secret: { name: 'store' } } } }, ...spec },
});
