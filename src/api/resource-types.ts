/**
 * The REST resources that the operator reads and writes; the group of the core API is ''.
 *
 * @module
 */
import { group, version } from './featureserver.ts';

const namespaced = (group: string, version: string, plural: string, kind: string) => ({ group, version, plural, kind, namespaced: true }) as const;

export const resourceTypes = {
  featureServer: namespaced(group, version, 'featureservers', 'FeatureServer'),
  deployment: namespaced('apps', 'v1', 'deployments', 'Deployment'),
  replicaSet: namespaced('apps', 'v1', 'replicasets', 'ReplicaSet'),
  pod: namespaced('', 'v1', 'pods', 'Pod'),
  service: namespaced('', 'v1', 'services', 'Service'),
  serviceAccount: namespaced('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  configMap: namespaced('', 'v1', 'configmaps', 'ConfigMap'),
  secret: namespaced('', 'v1', 'secrets', 'Secret'),
  disruptionBudget: namespaced('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  networkPolicy: namespaced('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  autoscaler: namespaced('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  scaledObject: namespaced('keda.sh', 'v1alpha1', 'scaledobjects', 'ScaledObject'),
  lease: namespaced('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  event: namespaced('events.k8s.io', 'v1', 'events', 'Event'),
} as const;

/** `apps/v1`, or `v1` for the core group: what stands in an object's `apiVersion`. */
export const apiVersionOf = ({ group, version }: { group: string; version: string }): string => (group === '' ? version : `${group}/${version}`);
