/**
 * An embedded API server with the local kubelet and controllers, for tests.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '../../../src/local/apiserver/start-api-server.ts';
import type { ApiServer } from '../../../src/local/apiserver/start-api-server.ts';
import { noMetrics } from '../../../src/local/control-loops.ts';
import { runWorkloadControllers } from '../../../src/local/deployment/workload-controllers.ts';
import { Addresses } from '../../../src/local/kubelet/addresses.ts';
import { Kubelet } from '../../../src/local/kubelet/kubelet.ts';
import { localNode } from '../../../src/local/kubelet/pod-status.ts';
import type { ApiClient, KubeObject, Logger, ResourceType } from '../../../src/runtime/ports.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { resourceTypes } from '../../../src/api/resource-types.ts';

export const silentLogger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => silentLogger };

export interface LocalCluster {
  readonly server: ApiServer;
  readonly client: ApiClient;
  readonly kubelet: Kubelet;
  readonly folder: string;
  /** Process groups that were started. */
  readonly groups: number[];
  stop(): Promise<void>;
}

/** Starts everything; `stop` ends all pods at once. */
export const startLocalCluster = async (): Promise<LocalCluster> => {
  const server = await startApiServer();
  const folder = mkdtempSync(join(tmpdir(), 'plateau-cluster-'));
  const groups: number[] = [];
  const stopping = new AbortController();
  const context = { client: server.client, clock: systemClock({ unref: true }), random: Math.random, logger: silentLogger, metrics: noMetrics };
  const addresses = await Addresses.open(Math.random);
  const kubelet = new Kubelet({
    ...context,
    addresses,
    images: () => undefined,
    runFolder: folder,
    workingFolder: folder,
    onProcess: (group) => groups.push(group),
  });
  const running = Promise.all([kubelet.run(stopping.signal), runWorkloadControllers({ ...context, nodeName: localNode.name }, stopping.signal)]);
  return {
    server,
    client: server.client,
    kubelet,
    folder,
    groups,
    stop: async () => {
      stopping.abort();
      await running;
      await kubelet.stopAll(0);
      addresses.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Lists again and again until the objects are as wanted. */
export const untilObjects = async (client: ApiClient, type: ResourceType, wanted: (objects: KubeObject[]) => boolean): Promise<KubeObject[]> => {
  for (;;) {
    const { items } = await client.list(type, { namespace: 'default' });
    if (wanted(items)) return items;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

export const untilPods = (client: ApiClient, wanted: (pods: KubeObject[]) => boolean): Promise<KubeObject[]> => untilObjects(client, resourceTypes.pod, wanted);

/** A server that answers its version at /, is ready at once, and holds SIGTERM for a moment. */
export const tinyServer = `
const http = require('node:http');
const answer = process.env.ANSWER ?? '';
http.createServer((request, response) => response.end(answer)).listen(8080, process.env.WORKER_POOL_HOST);
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 50));
`;

/** A Deployment of tiny servers. */
export const tinyDeployment = (name: string, replicas: number, container: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 5,
        containers: [
          {
            name: 'server',
            image: 'none',
            command: [process.execPath, '-e', tinyServer],
            ports: [{ name: 'http', containerPort: 8080 }],
            readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
            ...container,
          },
        ],
      },
    },
  },
});
