/**
 * Small Kubernetes objects for tests.
 *
 * @module
 */
import type { KubeObject, ResourceType } from '../../../src/runtime/ports.ts';

export const configMapType: ResourceType = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };

/** A ConfigMap `default/name` at that version. */
export const configMap = (name: string, resourceVersion: string, more: { uid?: string; labels?: Record<string, string>; data?: Record<string, string> } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name, uid: more.uid ?? `uid-${name}`, resourceVersion, labels: more.labels ?? {} },
  data: more.data ?? {},
});
