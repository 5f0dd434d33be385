/** The operator's own client and helpers, against a control plane of the tests. @module */
import { createApiClient } from '../../src/kube/client.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/load-kube-config.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import type { ResourceType } from '../../src/runtime/ports.ts';
import { RecordingMetrics } from '../runtime/support/recorders.ts';

export const configMaps: ResourceType = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
export const deployments: ResourceType = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true };
export const services: ResourceType = { group: '', version: 'v1', plural: 'services', kind: 'Service', namespaced: true };

/** Client of a kubeconfig file; `close` it. */
export const clientOf = (kubeconfigPath: string): { client: KubeClient; metrics: RecordingMetrics } => {
  const metrics = new RecordingMetrics();
  return { client: createApiClient(loadKubeConfig({ path: kubeconfigPath }), { clock: systemClock(), metrics }), metrics };
};
