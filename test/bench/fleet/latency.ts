/** From a spec change to the Deployment that was applied for it, as a watcher of both sees it. @module */
import { apiVersion } from '../../../src/api/featureserver.ts';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { specOf } from '../../integration/featureserver/support/fleet.ts';
import { fleetName } from './fleets.ts';

export interface Latency {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** Changes the spec of one object after the other; each from the answer of the API server to the event of its Deployment, ms. */
export const measureLatency = async (client: KubeClient, namespace: string, objects: number, changes: number): Promise<Latency> => {
  const end = new AbortController();
  const waiting = new Map<string, () => void>();
  const { resourceVersion } = await client.list(resourceTypes.deployment, { namespace, limit: 1 });
  const follow = async (): Promise<void> => {
    for await (const { type, object } of client.watch(resourceTypes.deployment, { namespace, resourceVersion, timeoutSeconds: 3600, signal: end.signal })) {
      if (type === 'MODIFIED' && JSON.stringify(object['spec']).includes('"CHANGED"')) waiting.get(object.metadata.name ?? '')?.();
    }
  };
  void follow().catch(() => undefined);
  const times: number[] = [];
  for (let change = 0; change < changes; change += 1) times.push(await once(client, namespace, fleetName((change * 7) % objects), String(change), waiting));
  end.abort();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) };
};

const once = async (client: KubeClient, namespace: string, name: string, value: string, waiting: Map<string, () => void>): Promise<number> => {
  const applied = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the change of ${name} was not applied within 60 s`)), 60_000);
    waiting.set(name, () => {
      clearTimeout(late);
      resolve();
    });
  });
  const body = { apiVersion, kind: 'FeatureServer', metadata: { namespace, name }, spec: specOf({ env: [{ name: 'CHANGED', value }] }) };
  await client.apply(resourceTypes.featureServer, body, { fieldManager: 'bench', force: true });
  const begin = performance.now();
  await applied;
  waiting.delete(name);
  return performance.now() - begin;
};
