/** Many FeatureServers at once. @module */
import { apiVersion } from '../../../src/api/featureserver.ts';
import type { FeatureServerStatus } from '../../../src/api/featureserver-status.ts';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { KubeObject } from '../../../src/runtime/ports.ts';
import { specOf } from '../../integration/featureserver/support/fleet.ts';

export const fleetName = (index: number): string => `fleet-${index}`;

/** Requests under way at the same time: enough to be faster than the operator. */
const inFlight = 8;

/** Creates `count` objects. */
export const createFleets = async (client: KubeClient, namespace: string, count: number): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const name = fleetName(next);
      next += 1;
      await client.create(resourceTypes.featureServer, { apiVersion, kind: 'FeatureServer', metadata: { namespace, name }, spec: specOf() }, { fieldManager: 'bench' });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
};

/** Every kind of child that each object has. */
const childTypes = [resourceTypes.deployment, resourceTypes.service, resourceTypes.serviceAccount, resourceTypes.configMap, resourceTypes.secret, resourceTypes.disruptionBudget];

/** Waits until all objects have all children and a status of their generation with conditions past Pending. */
export const untilComplete = async (client: KubeClient, namespace: string, count: number): Promise<void> => {
  const end = performance.now() + 1_200_000;
  while (!(await isComplete(client, namespace, count))) {
    if (performance.now() > end) throw new Error(`not all of ${count} fleets were complete after 20 minutes`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

const isComplete = async (client: KubeClient, namespace: string, count: number): Promise<boolean> => {
  const objects = await listAll(client, resourceTypes.featureServer, namespace);
  const settled = objects.filter((object) => ((object['status'] ?? {}) as FeatureServerStatus).conditions?.some(({ type, reason }) => type === 'Ready' && reason !== 'Pending') === true);
  if (settled.length < count) return false;
  for (const type of childTypes) if ((await listAll(client, type, namespace)).length < count) return false;
  return true;
};

const listAll = async (client: KubeClient, type: Parameters<KubeClient['list']>[0], namespace: string): Promise<KubeObject[]> => {
  const items: KubeObject[] = [];
  let page = await client.list(type, { namespace, limit: 500 });
  items.push(...page.items);
  while (page.continue !== undefined && page.continue !== '') {
    page = await client.list(type, { namespace, limit: 500, continue: page.continue });
    items.push(...page.items);
  }
  return items;
};
