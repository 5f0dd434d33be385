/**
 * The closed list of built-in kinds.
 *
 * @module
 */
import { builtinSchema, builtinSchemas } from '../schema/builtin.ts';
import { columnsOf } from '../table/columns.ts';
import { apiVersionOf, type KindDefinition, type KindStrategy, type ScalePaths } from './definition.ts';
import { customResourceDefinitionStrategy } from './custom-resource-definition.ts';
import { podStrategy } from './pod.ts';
import { createServiceStrategy } from './service.ts';
import {
  autoscalerStrategy,
  configMapStrategy,
  disruptionBudgetStrategy,
  eventStrategy,
  leaseStrategy,
  namespaceStrategy,
  newerEventStrategy,
  networkPolicyStrategy,
  plainStrategy,
  secretStrategy,
} from './small.ts';
import { deploymentStrategy, replicaSetStrategy } from './workload.ts';

interface Shipped {
  readonly type: readonly [group: string, version: string, plural: string, kind: string];
  readonly strategy: KindStrategy;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly status?: boolean;
  readonly scale?: ScalePaths;
  readonly clusterScoped?: boolean;
  readonly selectable?: readonly string[];
}

const workloadScale: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};
const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const list = (): readonly Shipped[] => [
  { type: ['', 'v1', 'namespaces', 'Namespace'], strategy: namespaceStrategy, short: ['ns'], status: true, clusterScoped: true, selectable: ['status.phase'] },
  {
    type: ['', 'v1', 'pods', 'Pod'],
    strategy: podStrategy,
    short: ['po'],
    categories: ['all'],
    status: true,
    selectable: ['status.phase', 'spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.podIP'],
  },
  { type: ['', 'v1', 'services', 'Service'], strategy: createServiceStrategy(), short: ['svc'], categories: ['all'], status: true, selectable: ['spec.clusterIP', 'spec.type'] },
  { type: ['', 'v1', 'serviceaccounts', 'ServiceAccount'], strategy: plainStrategy, short: ['sa'] },
  { type: ['', 'v1', 'configmaps', 'ConfigMap'], strategy: configMapStrategy, short: ['cm'] },
  { type: ['', 'v1', 'secrets', 'Secret'], strategy: secretStrategy, selectable: ['type'] },
  {
    type: ['', 'v1', 'events', 'Event'],
    strategy: eventStrategy,
    short: ['ev'],
    selectable: [...involved.map((name) => `involvedObject.${name}`), 'reason', 'reportingComponent', 'source', 'type'],
  },
  {
    type: ['events.k8s.io', 'v1', 'events', 'Event'],
    strategy: newerEventStrategy,
    short: ['ev'],
    selectable: [...involved.map((name) => `regarding.${name}`), 'reason', 'reportingController', 'type'],
  },
  { type: ['apps', 'v1', 'deployments', 'Deployment'], strategy: deploymentStrategy, short: ['deploy'], categories: ['all'], status: true, scale: workloadScale },
  { type: ['apps', 'v1', 'replicasets', 'ReplicaSet'], strategy: replicaSetStrategy, short: ['rs'], categories: ['all'], status: true, scale: workloadScale, selectable: ['status.replicas'] },
  { type: ['policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'], strategy: disruptionBudgetStrategy, short: ['pdb'], status: true },
  { type: ['networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'], strategy: networkPolicyStrategy, short: ['netpol'] },
  { type: ['autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'], strategy: autoscalerStrategy, short: ['hpa'], categories: ['all'], status: true },
  { type: ['coordination.k8s.io', 'v1', 'leases', 'Lease'], strategy: leaseStrategy },
  {
    type: ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition'],
    strategy: customResourceDefinitionStrategy,
    short: ['crd', 'crds'],
    categories: ['api-extensions'],
    status: true,
    clusterScoped: true,
  },
];

const define = (shipped: Shipped): KindDefinition => {
  const [group, version, plural, kind] = shipped.type;
  const apiVersion = apiVersionOf({ group, version });
  const openApiName = builtinSchemas().kinds[`${apiVersion}/${kind}`] ?? kind;
  return {
    type: { group, version, plural, kind, namespaced: shipped.clusterScoped !== true },
    singular: kind.toLowerCase(),
    shortNames: shipped.short ?? [],
    categories: shipped.categories ?? [],
    hasStatus: shipped.status ?? false,
    ...(shipped.scale === undefined ? {} : { scale: shipped.scale }),
    schema: builtinSchema(apiVersion, kind),
    custom: false,
    columns: columnsOf(apiVersion, kind),
    selectableFields: shipped.selectable ?? [],
    strategy: shipped.strategy,
    openApi: () => builtinSchemas().schemas[openApiName] ?? {},
    openApiName,
  };
};

/** Fresh definitions of all shipped kinds. */
export const shippedKinds = (): readonly KindDefinition[] => list().map(define);
