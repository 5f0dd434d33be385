/**
 * Stands in for Deployment controller and kubelet: keeps as many Pod objects as the Deployment asks for, each with an own
 * loopback address on which a small server speaks the worker-pool protocol under an invented load.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { childNames, managedBy, selectorLabels } from '../../../../src/api/names.ts';
import { resourceTypes } from '../../../../src/api/resource-types.ts';
import { numberAt, textAt } from '../../../../src/core/featureserver/manifest.ts';
import { isApiError } from '../../../../src/runtime/ports.ts';
import type { Fleet } from './fleet.ts';

/** What comes in, spread over the pods that answer. */
export interface Load {
  requestsPerSecond: number;
  cpuSecondsPerRequest: number;
}

interface Pool {
  threads: number;
  processes: number;
  generation: number;
  objectiveMs: number;
}

export class FakePod {
  readonly name: string;
  readonly host: string;
  /** What `PUT /pool` brought, newest last. */
  readonly changes: unknown[] = [];
  readonly refusals: number[] = [];
  pool: Pool;
  live = { threads: true, processes: true };
  token = '';
  #server: Server | undefined;
  #counts = { requests: 0, cpu: 0, inflight: 0 };
  #countedAt = performance.now();
  readonly #load: () => Load;

  constructor(name: string, host: string, pool: Pool, load: () => Load) {
    this.name = name;
    this.host = host;
    this.pool = pool;
    this.#load = load;
  }

  listen(port: number): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    return new Promise((resolve, reject) => server.once('error', reject).listen(port, this.host, resolve));
  }

  away(): Promise<void> {
    return new Promise((resolve) => {
      this.#server?.close(() => resolve());
      this.#server?.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/metrics') return void response.end(this.#metrics());
    if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const code = this.#change(request.headers.authorization, JSON.parse(Buffer.concat(chunks).toString()) as Partial<Pool> & { generation: number });
      if (code !== 200) return void response.writeHead(code).end();
    }
    const range = { min: 1, max: 64 };
    response.end(JSON.stringify({ ...this.pool, limits: { threads: range, processes: range }, live: this.live, model: 'eventloop', knob: 'inflight', gil: 'none' }));
  }

  #change(authorization: string | undefined, change: Partial<Pool> & { generation: number }): number {
    if (authorization !== `Bearer ${this.token}`) return this.refusals.push(401), 401;
    if (change.generation < this.pool.generation) return this.refusals.push(409), 409;
    this.changes.push(change);
    this.pool = { ...this.pool, ...change };
    return 200;
  }

  /** One core: what does not fit waits, and is answered late. */
  #metrics(): string {
    const now = performance.now();
    const seconds = (now - this.#countedAt) / 1000;
    this.#countedAt = now;
    const { requestsPerSecond, cpuSecondsPerRequest } = this.#load();
    const utilisation = Math.min(0.97, requestsPerSecond * cpuSecondsPerRequest);
    const latency = cpuSecondsPerRequest / (1 - utilisation);
    const answered = (utilisation / cpuSecondsPerRequest) * seconds;
    this.#counts.requests += answered;
    this.#counts.cpu += utilisation * seconds;
    this.#counts.inflight += answered * latency;
    const { requests, cpu, inflight } = this.#counts;
    const histogram = (name: string, value: number) => {
      const edges = Array.from({ length: 36 }, (_, index) => 0.001 * 1.25 ** index);
      return [...edges.map((edge) => `${name}_bucket{le="${edge}"} ${edge >= value ? requests : 0}`), `${name}_bucket{le="+Inf"} ${requests}`, `${name}_sum ${requests * value}`, `${name}_count ${requests}`];
    };
    return [
      'worker_pool_info{runtime="fake",model="eventloop",knob="inflight",gil="none",queue_visible="true",version="1"} 1',
      `worker_pool_threads ${this.pool.threads}`, `worker_pool_processes ${this.pool.processes}`, `worker_pool_generation ${this.pool.generation}`,
      `worker_pool_arrivals_total ${requests}`, `worker_pool_requests_total{code="2xx"} ${requests}`,
      `worker_pool_inflight_seconds_total ${inflight}`, `worker_pool_inflight ${Math.round(latency * answered / Math.max(seconds, 0.001))}`, 'worker_pool_queue_depth 0',
      `worker_pool_loop_lag_seconds_total ${cpu / 10}`, `worker_pool_process_cpu_seconds_total{process="0"} ${cpu}`, `process_cpu_seconds_total ${cpu}`,
      ...histogram('worker_pool_request_seconds', latency), ...histogram('worker_pool_queue_seconds', 0), ...histogram('worker_pool_service_seconds', latency), ...histogram('worker_pool_store_seconds', 0.001),
      '',
    ].join('\n');
  }
}

export class FakePods {
  readonly pods = new Map<string, FakePod>();
  /** Which sizes new pods can change while they run. */
  live = { threads: true, processes: true };
  load: Load = { requestsPerSecond: 0, cpuSecondsPerRequest: 0.008 };
  readonly #fleet: Fleet;
  readonly #port: number;
  readonly #network: number;
  #serial = 0;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  /** `network`: 127.NETWORK.x.y, so that suites do not meet. */
  constructor(fleet: Fleet, port: number, network: number) {
    this.#fleet = fleet;
    this.#port = port;
    this.#network = network;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    for (const pod of this.pods.values()) await pod.away();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.sync();
      } catch (error) {
        if (!isApiError(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** One look at the Deployment. */
  async sync(): Promise<void> {
    const deployment = await this.#fleet.find(resourceTypes.deployment);
    if (deployment === undefined) return;
    const wanted = numberAt(deployment, 1, 'spec', 'replicas');
    while (this.pods.size < wanted) await this.#add();
    for (const name of [...this.pods.keys()].slice(wanted)) await this.#remove(name);
    if (numberAt(deployment, 0, 'status', 'readyReplicas') !== wanted || numberAt(deployment, 0, 'status', 'observedGeneration') !== deployment.metadata.generation) await this.#fleet.reportPods();
  }

  async #add(): Promise<void> {
    const { client, namespace, name: fleet } = this.#fleet;
    this.#serial += 1;
    const name = `${fleet}-${this.#serial}`;
    const host = `127.${this.#network}.${this.#serial >> 8}.${this.#serial & 255}`;
    const share = (): Load => ({ ...this.load, requestsPerSecond: this.load.requestsPerSecond / Math.max(1, this.pods.size) });
    const names = childNames(fleet);
    const pod = new FakePod(name, host, JSON.parse(textAt(await this.#fleet.get(resourceTypes.configMap, names.poolConfig), 'data', 'pool.json') ?? '{}') as Pool, share);
    pod.token = Buffer.from(textAt(await this.#fleet.get(resourceTypes.secret, names.poolToken), 'data', 'token') ?? '', 'base64').toString();
    pod.live = this.live;
    await pod.listen(this.#port);
    this.pods.set(name, pod);
    await client.create(resourceTypes.pod, {
      apiVersion: 'v1', kind: 'Pod',
      metadata: { namespace, name, labels: { ...selectorLabels(fleet), 'app.kubernetes.io/managed-by': managedBy, 'pod-template-hash': 'one' } },
      spec: { serviceAccountName: names.serviceAccount, automountServiceAccountToken: false, nodeName: 'nowhere', containers: [{ name: 'server', image: 'example.org/server:1', resources: { limits: { cpu: '1' } } }] },
    }, { fieldManager: 'kubelet' });
    await this.report(name, new Date());
  }

  /** What the kubelet would say: running since then. */
  async report(name: string, since: Date): Promise<void> {
    const pod = this.pods.get(name);
    const startedAt = `${since.toISOString().slice(0, 19)}Z`;
    await this.#fleet.edit(resourceTypes.pod, (object) => {
      object['status'] = {
        phase: 'Running', podIP: pod?.host, podIPs: [{ ip: pod?.host }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: startedAt }],
        containerStatuses: [{ name: 'server', ready: true, restartCount: 0, image: 'x', imageID: 'x', state: { running: { startedAt } } }],
      };
    }, { name, manager: 'kubelet', subresource: 'status' });
  }

  async #remove(name: string): Promise<void> {
    await this.#fleet.client.delete(resourceTypes.pod, { namespace: this.#fleet.namespace, name }, { gracePeriodSeconds: 0 });
    await this.pods.get(name)?.away();
    this.pods.delete(name);
  }
}
