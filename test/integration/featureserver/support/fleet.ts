/** One FeatureServer on a control plane, and what a test does to it and sees of it. @module */
import type { FeatureServerStatus } from '../../../../src/api/featureserver-status.ts';
import { apiVersion } from '../../../../src/api/featureserver.ts';
import { resourceTypes } from '../../../../src/api/resource-types.ts';
import { ownersOf } from '../../../../src/core/featureserver/field-ownership.ts';
import { numberAt } from '../../../../src/core/featureserver/manifest.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { isApiError } from '../../../../src/runtime/ports.ts';
import type { KubeObject, ResourceType } from '../../../../src/runtime/ports.ts';
import { until } from './until.ts';

/** The least spec that works, and what a test wants different. */
export const specOf = (parts: Record<string, unknown> = {}): Record<string, unknown> => ({
  objective: { p95: '50ms' },
  server: { custom: { image: 'example.org/server:1' } },
  resources: { limits: { cpu: '1', memory: '256Mi' } },
  ...parts,
});

export type Json = Record<string, unknown>;

export class Fleet {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;

  constructor(client: KubeClient, namespace: string, name = 'ranking') {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  /** Creates the object, or applies it anew with another spec: what is left out is taken out. */
  apply(spec: Json, annotations: Record<string, string> = {}): Promise<KubeObject> {
    const metadata = { namespace: this.namespace, name: this.name, annotations };
    return this.client.apply(resourceTypes.featureServer, { apiVersion, kind: 'FeatureServer', metadata, spec }, { fieldManager: 'user', force: true });
  }

  get(type: ResourceType = resourceTypes.featureServer, name = this.name): Promise<KubeObject> {
    return this.client.get(type, { namespace: this.namespace, name });
  }

  async find(type: ResourceType, name = this.name): Promise<KubeObject | undefined> {
    try {
      return await this.get(type, name);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Reads, changes and writes back, as kubectl edit does; tries again when somebody else was faster. */
  async edit(type: ResourceType, change: (object: KubeObject) => void, options: { name?: string; manager?: string; subresource?: 'status' } = {}): Promise<KubeObject> {
    const { name = this.name, manager = 'kubectl-edit', subresource } = options;
    return until(`an edit of ${type.kind} ${name}`, async () => {
      const object = structuredClone(await this.get(type, name));
      change(object);
      try {
        return await this.client.replace(type, object, { fieldManager: manager, ...(subresource && { subresource }) });
      } catch (error) {
        if (isApiError(error, 'Conflict')) return undefined;
        throw error;
      }
    });
  }

  async status(): Promise<FeatureServerStatus> {
    return (await this.get())['status'] ?? {};
  }

  /** Waits until the operator has taken the present generation in and `done` says so of its status. */
  untilStatus(what: string, done: (status: FeatureServerStatus) => boolean = () => true): Promise<FeatureServerStatus> {
    let last: FeatureServerStatus = {};
    return until(what, async () => {
      const object = await this.get();
      last = object['status'] ?? {};
      return last.observedGeneration === object.metadata.generation && done(last) ? last : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${what}; last status: ${JSON.stringify(last)}`, { cause: error });
    });
  }

  untilCondition(type: string, status: string, reason: string): Promise<FeatureServerStatus> {
    return this.untilStatus(`${type}=${status} ${reason}`, (present) => condition(present, type)?.status === status && condition(present, type)?.reason === reason);
  }

  async replicas(): Promise<number> {
    return numberAt(await this.get(resourceTypes.deployment), -1, 'spec', 'replicas');
  }

  async replicaOwners(): Promise<string[]> {
    return ownersOf(await this.get(resourceTypes.deployment), 'spec', 'replicas').sort();
  }

  untilReplicas(wanted: number): Promise<true> {
    return until(`the Deployment asks for ${wanted} pods`, async () => numberAt((await this.find(resourceTypes.deployment)) ?? {}, -1, 'spec', 'replicas') === wanted || undefined);
  }

  /** Writes spec.replicas of the Deployment as another client would. */
  scaleDeployment(replicas: number, manager = 'kubectl-scale'): Promise<KubeObject> {
    return this.edit(resourceTypes.deployment, (object) => { (object['spec'] as Json)['replicas'] = replicas; }, { manager });
  }

  /** Stands in for the Deployment controller: all pods there and available, or what `counts` says. */
  reportPods(counts: Json = {}): Promise<KubeObject> {
    return this.edit(resourceTypes.deployment, (object) => {
      const replicas = numberAt(object, 1, 'spec', 'replicas');
      object['status'] = { observedGeneration: object.metadata.generation, replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas, ...counts };
    }, { manager: 'kube-controller-manager', subresource: 'status' });
  }

  /** Records each number that the Deployment asks for, until `stop`. Numbers between two looks are not lost: it is a watch. It may lag behind a read; `all` waits for it. */
  async recordReplicas(): Promise<{ seen: number[]; all(): Promise<number[]>; stop(): void }> {
    const end = new AbortController();
    const seen: number[] = [];
    const start = await this.client.list(resourceTypes.deployment, { namespace: this.namespace });
    let last = BigInt(start.resourceVersion);
    const follow = async (): Promise<void> => {
      for await (const { type, object } of this.client.watch(resourceTypes.deployment, { namespace: this.namespace, resourceVersion: start.resourceVersion, timeoutSeconds: 600, signal: end.signal })) {
        if (type !== 'BOOKMARK' && type !== 'DELETED') seen.push(numberAt(object, -1, 'spec', 'replicas'));
        last = BigInt(object.metadata.resourceVersion ?? 0);
      }
    };
    void follow().catch(() => undefined);
    const isCaughtUp = async (): Promise<boolean> => last >= BigInt((await this.get(resourceTypes.deployment)).metadata.resourceVersion ?? 0);
    return { seen, stop: () => end.abort(), all: () => until('the watch has seen the newest Deployment', isCaughtUp).then(() => seen) };
  }
}

export const condition = (status: FeatureServerStatus, type: string) => status.conditions?.find((candidate) => candidate.type === type);

/** kstatus (sigs.k8s.io/cli-utils, generic rule), as kubectl wait, Flux and Argo CD read an object of a custom kind. */
export const kstatus = (object: KubeObject): 'Terminating' | 'InProgress' | 'Failed' | 'Current' => {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const status = (object['status'] ?? {}) as FeatureServerStatus;
  if (status.observedGeneration !== undefined && status.observedGeneration !== object.metadata.generation) return 'InProgress';
  if (condition(status, 'Reconciling')?.status === 'True') return 'InProgress';
  if (condition(status, 'Stalled')?.status === 'True') return 'Failed';
  const ready = condition(status, 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
};
