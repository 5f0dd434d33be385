/**
 * Downward API: fields of the pod and its resources as values.
 *
 * @module
 */
import { MissingConfiguration } from './configuration.ts';
import type { Container, Pod } from './pod-schema.ts';

/** Facts that only the kubelet knows. */
export interface PodAddresses {
  readonly podIp: string;
  readonly hostIp: string;
}

const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/u;

/**
 * The value of a `fieldRef`.
 *
 * @throws MissingConfiguration for a path that is not supported
 */
export const fieldValue = (pod: Pod, addresses: PodAddresses, path: string): string => {
  const [, map, key = ''] = keyed.exec(path) ?? [];
  if (map === 'labels') return pod.metadata.labels[key] ?? '';
  if (map === 'annotations') return pod.metadata.annotations[key] ?? '';
  const value = plainFields(pod, addresses)[path];
  if (value === undefined) throw new MissingConfiguration(`fieldRef ${path} is not supported on a local node`);
  return value;
};

const plainFields = (pod: Pod, { podIp, hostIp }: PodAddresses): Record<string, string> => ({
  'metadata.name': pod.metadata.name,
  'metadata.namespace': pod.metadata.namespace,
  'metadata.uid': pod.metadata.uid,
  'metadata.labels': asLines(pod.metadata.labels),
  'metadata.annotations': asLines(pod.metadata.annotations),
  'spec.nodeName': pod.spec.nodeName,
  'spec.serviceAccountName': pod.spec.serviceAccountName,
  'status.podIP': podIp,
  'status.podIPs': podIp,
  'status.hostIP': hostIp,
});

const asLines = (map: Record<string, string>): string =>
  Object.entries(map)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}\n`)
    .join('');

/**
 * The value of a `resourceFieldRef` for whole units (divisor 1 or absent), as the kubelet rounds it: up.
 *
 * @param cores what an absent CPU limit counts as: the cores of the machine
 * @throws MissingConfiguration for another resource or divisor
 */
export const resourceValue = (container: Container, resource: string, cores: number): string => {
  const [kind = '', name = ''] = resource.split('.');
  if ((kind !== 'limits' && kind !== 'requests') || name !== 'cpu') {
    throw new MissingConfiguration(`resourceFieldRef ${resource} is not supported on a local node; limits.cpu and requests.cpu are`);
  }
  const quantity = String(container.resources[kind]['cpu'] ?? cores);
  const value = quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity);
  return String(Math.ceil(value));
};
