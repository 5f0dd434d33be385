/**
 * Shows the measuring loop the fleets as the watches see them.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import { childNames, containerName } from '../../api/names.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { autoscaleSpec } from '../../core/autoscale/spec.ts';
import type { AutoscaleSpec, FleetWindow } from '../../core/autoscale/types.ts';
import type { DeploymentFacts } from '../../core/featureserver/deployment-facts.ts';
import { effectiveMode } from '../../core/featureserver/effective-mode.ts';
import { at, recordsAt, textAt } from '../../core/featureserver/manifest.ts';
import type { PoolReport } from '../../core/featureserver/observed.ts';
import { poolConfigOf } from '../../core/featureserver/pool-size.ts';
import { parseKey } from '../../runtime/keys.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import type { FleetPod, FleetSource, FleetState } from '../scrape/ports.ts';
import { indexes } from './caches.ts';
import type { Caches } from './caches.ts';
import { deploymentFactsOf, parseFeatureServer, podFactsOf } from './facts.ts';
import { otherAutoscalers } from './other-autoscalers.ts';
import { podTarget, startedAt } from './pod-target.ts';

/** What the running pods of a fleet told last of their pools, by pod name. */
type Reports = (fleetKey: string) => Readonly<Record<string, PoolReport>>;

/** Reads from the stores only, and what pods told of their pools. */
export const createFleetSource = (caches: Caches, reports: Reports): FleetSource => ({
  // Asked for several times a second: fleets without pods, which have nothing to measure, must cost next to nothing.
  keys: () => caches.featureServer.keys().filter((key) => caches.pod.byIndex(indexes.fleet, key).length > 0),
  fleet: (key) => fleetState(caches, key, reports),
});

/** Nobody has told yet: then a change may take a rollout. */
const liveSizes = (reports: readonly PoolReport[]): NonNullable<FleetWindow['live']> => ({
  threads: reports.length > 0 && reports.every(({ live }) => live.threads),
  processes: reports.length > 0 && reports.every(({ live }) => live.processes),
});

const fleetState = (caches: Caches, key: string, reports: Reports): FleetState | undefined => {
  const object = caches.featureServer.get(key);
  const parsed = object === undefined ? undefined : parseFeatureServer(object);
  if (parsed?.ok !== true || parsed.featureServer.metadata.deletionTimestamp !== undefined) return undefined;
  const { featureServer } = parsed;
  const { namespace = '', name } = parseKey(key);
  const names = childNames(name);
  const deployment = caches.deployment.get(`${namespace}/${names.deployment}`);
  const pool = poolConfigOf(caches.configMap.get(`${namespace}/${names.poolConfig}`) ?? null);
  const pods = caches.pod.byIndex(indexes.fleet, key);
  if (deployment === undefined || pool === null) return undefined;
  const facts = deploymentFactsOf(deployment);
  return {
    uid: featureServer.metadata.uid,
    spec: lawSpec(caches, featureServer),
    current: { replicas: facts.replicas, threads: pool.threads, processes: pool.processes },
    readyReplicas: facts.readyReplicas,
    rollingOut: facts.updatedReplicas < facts.statusReplicas,
    blocked: blockedBy(deployment, facts, pods),
    live: liveSizes(Object.values(reports(key))),
    ...podPart(pods, featureServer.spec.ports.admin),
    storedMemory: featureServer.status?.autoscaling,
  };
};

const lawSpec = (caches: Caches, featureServer: FeatureServer): AutoscaleSpec => {
  const spec = autoscaleSpec(featureServer);
  const { namespace, name } = featureServer.metadata;
  return { ...spec, mode: effectiveMode(spec.mode, otherAutoscalers(caches, namespace, name)) };
};

const podPart = (pods: readonly KubeObject[], adminPort: number): Pick<FleetState, 'pods' | 'terminating' | 'templateHash'> => {
  const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const newest = living.reduce<KubeObject | undefined>((best, pod) => (best === undefined || createdAt(pod) > createdAt(best) ? pod : best), undefined);
  return {
    pods: living.map((pod) => fleetPod(pod, adminPort)),
    terminating: pods.length - living.length,
    templateHash: newest === undefined ? '' : templateHash(newest),
  };
};

const createdAt = (pod: KubeObject): number => podFactsOf(pod).createdAt;

/** Put on by the Deployment controller. */
const templateHash = (pod: KubeObject): string => pod.metadata.labels?.['pod-template-hash'] ?? '';

const fleetPod = (pod: KubeObject, adminPort: number): FleetPod => {
  const container = recordsAt(pod, 'spec', 'containers').find((candidate) => candidate['name'] === containerName);
  const limit = parseQuantity(at(container, 'resources', 'limits', 'cpu'));
  return {
    name: pod.metadata.name ?? '',
    node: textAt(pod, 'spec', 'nodeName') ?? null,
    templateHash: templateHash(pod),
    ready: podFactsOf(pod).ready,
    startedAt: startedAt(pod),
    readyAt: podFactsOf(pod).ready ? readySince(pod) : null,
    coreLimit: limit !== undefined && limit > 0 ? limit : null,
    target: podTarget(pod, adminPort),
  };
};

const readySince = (pod: KubeObject): number | null => {
  const condition = recordsAt(pod, 'status', 'conditions').find((candidate) => candidate['type'] === 'Ready');
  return Date.parse(textAt(condition, 'lastTransitionTime') ?? '') || null;
};

const blockedBy = (deployment: KubeObject, facts: DeploymentFacts, pods: readonly KubeObject[]): FleetWindow['blocked'] => {
  if (facts.replicaFailure !== null) {
    const condition = recordsAt(deployment, 'status', 'conditions').find((candidate) => candidate['type'] === 'ReplicaFailure');
    const since = Date.parse(textAt(condition, 'lastTransitionTime') ?? '') || 0;
    return { reason: 'Quota', message: facts.replicaFailure, since };
  }
  for (const { trouble, createdAt: since, terminating } of pods.map(podFactsOf)) {
    if (terminating || (trouble?.kind !== 'Unschedulable' && trouble?.kind !== 'Image')) continue;
    return { reason: trouble.kind, message: trouble.message, since };
  }
  return null;
};
