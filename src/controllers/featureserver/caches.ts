/**
 * The objects that the operator watches, and the stores that hold them.
 *
 * @module
 */
import { group } from '../../api/featureserver.ts';
import { labels, managedSelector } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { packFields } from '../../core/featureserver/field-ownership.ts';
import { at } from '../../core/featureserver/manifest.ts';
import type { KubeObject, Logger, ResourceType } from '../../runtime/ports.ts';
import { Store, stripManagedFields } from '../../runtime/store.ts';

/** Names of indexes. */
export const indexes = { fleet: 'fleet', target: 'target' } as const;

export const cacheNames = ['featureServer', 'deployment', 'pod', 'service', 'serviceAccount', 'configMap', 'disruptionBudget', 'networkPolicy', 'autoscaler', 'scaledObject'] as const;
export type CacheName = (typeof cacheNames)[number];
export type Caches = Readonly<Record<CacheName, Store>>;

/** What a watch of that cache selects; our own children only, where the kind is one that others use as well. */
export const selectorOf = (name: CacheName): string | undefined =>
  name === 'featureServer' || name === 'autoscaler' || name === 'scaledObject' ? undefined : managedSelector;

export const typeOf = (name: CacheName): ResourceType => resourceTypes[name];

/** Creates empty stores. Children keep their managed fields: who owns what is what drift and hand-over are decided from. */
export const createCaches = (logger: Logger): Caches => ({
  featureServer: new Store({ logger }),
  deployment: new Store({ logger, transform: slimDeployment }),
  pod: new Store({ logger, transform: slimPod, indexes: { [indexes.fleet]: (pod) => fleetOf(pod) } }),
  service: new Store({ logger, transform: slimChild }),
  serviceAccount: new Store({ logger, transform: slimChild }),
  configMap: new Store({ logger, transform: slimChild }),
  disruptionBudget: new Store({ logger, transform: slimChild }),
  networkPolicy: new Store({ logger, transform: slimChild }),
  autoscaler: new Store({ logger, transform: slimAutoscaler, indexes: { [indexes.target]: (object) => [targetOf(object)] } }),
  scaledObject: new Store({ logger, transform: slimAutoscaler, indexes: { [indexes.target]: (object) => [targetOf(object)] } }),
});

/** Of a child only what a reconcile reads: what the API server filled in would fill a good part of the memory. */
const slimChild = (object: KubeObject): KubeObject => {
  const { data } = object;
  return { ...head(object), ...(data === undefined ? {} : { data }) };
};

const slimDeployment = (object: KubeObject): KubeObject => {
  const replicas = at(object, 'spec', 'replicas');
  const template = { metadata: { annotations: at(object, 'spec', 'template', 'metadata', 'annotations') ?? {} } };
  return { ...head(object), spec: { replicas, template }, status: object['status'] };
};

/** Who owns what stays, as text: parsed, the field sets of a thousand fleets need ten times as much. */
const head = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => {
  const { managedFields = [], ...rest } = metadata;
  const packed = managedFields.map(({ manager = '', operation = '', subresource = '', fieldsV1 = {} }) => ({ manager, operation, subresource, fieldsV1: packFields(fieldsV1) }));
  return { ...(apiVersion === undefined ? {} : { apiVersion }), ...(kind === undefined ? {} : { kind }), metadata: { ...rest, managedFields: packed } };
};

/** Of a pod's spec only what is read: pods are by far the most numerous objects. */
const slimPod = (pod: KubeObject): KubeObject => {
  stripManagedFields(pod);
  const { apiVersion, kind, metadata, spec, status } = pod;
  return { ...(apiVersion === undefined ? {} : { apiVersion }), ...(kind === undefined ? {} : { kind }), metadata, spec: slimSpec(spec), status };
};

const slimSpec = (spec: unknown): unknown => {
  if (typeof spec !== 'object' || spec === null) return spec;
  const { nodeName, containers }: { nodeName?: unknown; containers?: unknown } = spec;
  const slim = Array.isArray(containers) ? containers.map((container: { name?: unknown; resources?: unknown }) => ({ name: container.name, resources: container.resources })) : [];
  return { ...(nodeName === undefined ? {} : { nodeName }), containers: slim };
};

const slimAutoscaler = (object: KubeObject): KubeObject => {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = object.metadata;
  return { ...(object.kind === undefined ? {} : { kind: object.kind }), metadata: { name, namespace, uid, resourceVersion }, spec: { scaleTargetRef: scaleTarget(object) } };
};

interface ScaleTarget {
  apiVersion: string;
  kind: string;
  name: string;
}

/** KEDA leaves kind and apiVersion out for a Deployment. */
const scaleTarget = (object: KubeObject): ScaleTarget => {
  const spec: unknown = object['spec'];
  const target: unknown = typeof spec === 'object' && spec !== null && 'scaleTargetRef' in spec ? spec.scaleTargetRef : undefined;
  const { apiVersion = 'apps/v1', kind = 'Deployment', name = '' }: Partial<ScaleTarget> = typeof target === 'object' && target !== null ? target : {};
  return { apiVersion, kind, name };
};

const targetOf = (object: KubeObject): string => {
  const { apiVersion, kind, name } = scaleTarget(object);
  return targetKey(apiVersion.split('/')[0] ?? '', kind, object.metadata.namespace ?? '', name);
};

const targetKey = (apiGroup: string, kind: string, namespace: string, name: string): string => `${apiGroup}/${kind}/${namespace}/${name}`;

/** Values of the `target` index under which autoscalers of a fleet are found: those on the object, those on its Deployment. */
export const targetsOf = (namespace: string, name: string): Record<'FeatureServer' | 'Deployment', string> => ({
  FeatureServer: targetKey(group, 'FeatureServer', namespace, name),
  Deployment: targetKey('apps', 'Deployment', namespace, name),
});

/** Keys of the fleets an object belongs to: by its label and, when that was taken off, by its owner. */
export const fleetOf = (object: KubeObject): string[] => {
  const { namespace = '', labels: own, ownerReferences } = object.metadata;
  const owner = ownerReferences?.find(({ kind }) => kind === 'FeatureServer')?.name;
  const names = [own?.[labels.instance], owner].filter((name) => name !== undefined);
  return [...new Set(names)].map((name) => `${namespace}/${name}`);
};

/** Keys of the fleets that an autoscaler points at. */
export const fleetOfTarget = (object: KubeObject): string[] => {
  const { kind, name } = scaleTarget(object);
  return kind === 'FeatureServer' || kind === 'Deployment' ? [`${object.metadata.namespace ?? ''}/${name}`] : [];
};
