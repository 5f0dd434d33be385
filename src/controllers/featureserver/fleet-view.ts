/**
 * The fleets as JSON, read-only: what a dashboard shows. Spec and status only; no environment variables, which may hold secrets.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import type { KubeObject } from '../../runtime/ports.ts';
import type { Caches } from './caches.ts';
import { parseFeatureServer } from './facts.ts';

/** One line for each fleet, by namespace and name. */
export const fleetSummaries = (caches: Pick<Caches, 'featureServer'>): unknown[] =>
  caches.featureServer.keys().sort().flatMap((key) => {
    const featureServer = readable(caches.featureServer.get(key));
    return featureServer === undefined ? [] : [summary(featureServer)];
  });

/** One fleet in full, or undefined. */
export const fleetDetails = (caches: Pick<Caches, 'featureServer'>, namespace: string, name: string): unknown => {
  const featureServer = readable(caches.featureServer.get(`${namespace}/${name}`));
  if (featureServer === undefined) return undefined;
  const { objective, pool, scaling, replicas } = featureServer.spec;
  const { autoscaling: _memory, ...status } = featureServer.status ?? {};
  return { ...summary(featureServer), spec: { objective, pool, scaling, replicas }, status };
};

const readable = (object: KubeObject | undefined): FeatureServer | undefined => {
  const parsed = object === undefined ? undefined : parseFeatureServer(object);
  return parsed?.ok === true ? parsed.featureServer : undefined;
};

const summary = ({ metadata, spec, status = {} }: FeatureServer): Record<string, unknown> => ({
  namespace: metadata.namespace,
  name: metadata.name,
  createdAt: metadata.creationTimestamp,
  objective: spec.objective.p95,
  mode: spec.scaling.mode,
  replicas: { min: spec.scaling.replicas.min, max: spec.scaling.replicas.max, desired: status.desiredReplicas, ready: status.readyReplicas },
  threads: status.threads,
  observed: status.observed,
  bottleneck: status.bottleneck,
  lastDecision: status.decisions?.[0],
  conditions: (status.conditions ?? []).map(({ type, status: value, reason, message }) => ({ type, status: value, reason, message })),
});
