/**
 * The objects that a runtime's fleet consists of: those of examples/local/ranking.yaml, with another server.
 *
 * @module
 */
import { stringify } from 'yaml';
import { apiVersion } from '../../api/featureserver.ts';
import { featureStoreYaml } from './local-store.ts';
import type { LocalStore } from './local-store.ts';
import type { PreparedRuntime, RuntimeScale } from './runtime.ts';

/** Name of the ConfigMap with feature_store.yaml and registry.db. */
export const featureStoreName = 'ranking-feature-store';

/** What the store adds to each answer, and the objective, ms: as in the example. */
export const storeDelayMs = 55;
const objectiveMs = 150;

/** A longer queue than by default, as in the example: what waits shows as latency instead of being turned away. */
export const queueFactor = '100';

/** Time constants as in examples/local/ranking.yaml: short, so that a minute shows what takes an hour in production. */
const pace = {
  scaling: { replicas: { min: 1, max: 4 }, evaluation: { period: '1s', window: '4s' }, scaleUp: { maxPods: 2, maxPercent: 100, period: '4s' }, scaleDown: { stabilization: '8s', maxPercentPerMinute: 100 } },
  rollout: { terminationGrace: '10s' },
};

/** The manifest, as YAML. */
export const runtimeManifest = (prepared: PreparedRuntime, scale: RuntimeScale, store: LocalStore): string => {
  const { server, env = [] } = prepared.server(store);
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: featureStoreName },
    data: { 'feature_store.yaml': featureStoreYaml(store) },
    binaryData: { 'registry.db': store.registry.toString('base64') },
  };
  const featureServer = {
    apiVersion,
    kind: 'FeatureServer',
    metadata: { name: 'ranking' },
    spec: { objective: { p95: `${objectiveMs}ms` }, server, env: [{ name: 'PLATEAU_QUEUE_FACTOR', value: queueFactor }, ...env], pool: { threads: scale.threads, processes: scale.processes, warmUp: '2s' }, ...pace },
  };
  return `${stringify(configMap)}---\n${stringify(featureServer)}`;
};
