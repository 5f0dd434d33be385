/**
 * What the operator may do in a cluster: the source of the chart's roles. No verb more than it uses; Secrets are neither listed
 * nor watched, so that a stolen token of the operator must know a Secret's name to read it.
 *
 * @module
 */
import { operatorObjects } from './names.ts';
import { resourceTypes } from './resource-types.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface Permission {
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly Verb[];
  /** Only objects of these names. The API server cannot hold `create` to a name. */
  readonly names?: readonly string[];
  /** What it is needed for. */
  readonly why: string;
}

const read: readonly Verb[] = ['get', 'list', 'watch'];
// Server-side apply is a patch; where the object does not exist it is a create as well.
const apply: readonly Verb[] = ['create', 'patch'];
const on = ({ group, plural }: { group: string; plural: string }, verbs: readonly Verb[], why: string, subresource = ''): Permission => ({
  group,
  resource: `${plural}${subresource}`,
  verbs,
  why,
});
const child = 'a child of each FeatureServer: watched, applied, repaired';

const t = resourceTypes;

/** In every namespace (or in those that the operator is bound to). */
export const clusterPermissions: readonly Permission[] = [
  on(t.featureServer, read, 'the objects that are reconciled; nothing but their status is ever written'),
  on(t.featureServer, ['patch'], 'what the fleet is and why', '/status'),
  on(t.featureServer, ['update'], 'owner references that block deletion, where the cluster checks who may set them', '/finalizers'),
  on(t.deployment, [...read, ...apply], child),
  on(t.service, [...read, ...apply], child),
  on(t.serviceAccount, [...read, ...apply], child),
  on(t.configMap, [...read, ...apply], 'the size of the pool; and whether a feature_store.yaml is there'),
  on(t.secret, ['get', ...apply], 'the token of the pool; and whether a feature_store.yaml is there, asked by name'),
  on(t.disruptionBudget, [...read, ...apply], child),
  on(t.networkPolicy, [...read, ...apply, 'delete'], 'a child that goes when it is switched off'),
  on(t.pod, read, 'which pods to measure and what keeps them from running'),
  on(t.autoscaler, read, 'another autoscaler on the same fleet'),
  on(t.scaledObject, read, 'another autoscaler on the same fleet'),
  on(t.event, apply, 'what was decided and why'),
];

/** In the operator's own namespace. */
export const ownPermissions: readonly Permission[] = [
  on(t.lease, ['create'], 'leader election'),
  { ...on(t.lease, ['get', 'update', 'patch'], 'leader election'), names: [operatorObjects.lease] },
  on(t.secret, ['create'], 'the key that the tokens of all pools are derived from, made once'),
  { ...on(t.secret, ['get'], 'the key that the tokens of all pools are derived from'), names: [operatorObjects.keySecret] },
];

/** Rules of a Role or ClusterRole. */
export const policyRules = (permissions: readonly Permission[]) =>
  permissions.map(({ group, resource, verbs, names }) => ({
    apiGroups: [group],
    resources: [resource],
    ...(names === undefined ? {} : { resourceNames: [...names] }),
    verbs: [...verbs],
  }));
