/** The operator's own client on a test's control plane: faster than a kubectl for each of a hundred requests. @module */
import { createApiClient } from '../../src/kube/client.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { loadKubeConfig } from '../../src/kube/load-kube-config.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';

const noMetrics = { increment: () => {}, set: () => {}, observe: () => {} };

/** A client for a kubeconfig; whoever opens it closes it. */
export const openClient = (kubeconfigPath: string): KubeClient =>
  createApiClient(loadKubeConfig({ path: kubeconfigPath }), { clock: systemClock(), metrics: noMetrics });
