/**
 * What a child of a FeatureServer is, and what all children have in common.
 *
 * @module
 */
import { apiVersion } from '../../api/featureserver.ts';
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import { childLabels, fieldManagers } from '../../api/names.ts';
import type { PoolConfig } from '../../api/protocol.ts';
import { apiVersionOf } from '../../api/resource-types.ts';

export const childRoles = ['serviceAccount', 'poolConfig', 'poolToken', 'service', 'deployment', 'disruptionBudget', 'networkPolicy'] as const;
/** Which child it is; in the order in which children are applied, what the pods mount before the pods. */
export type ChildRole = (typeof childRoles)[number];

/** What the builders need beside the object itself. */
export interface ChildContext {
  /** Images of the built-in server and of the pool package, as `pinnedImages` says; absent for servers that need none. */
  images: Pick<FeatureServerStatus, 'image' | 'poolImage'>;
  /** Size that pods yet to come start with. */
  pool: PoolConfig;
  /** Bearer token of the admin port, from `poolToken`. */
  token: string;
  /** Where the operator's pods run; null outside a cluster. */
  operator: { namespace: string; podLabels: Record<string, string> } | null;
  /** More annotations of the pod template. A change of them rolls the pods. */
  podAnnotations?: Record<string, string>;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller: true;
  blockOwnerDeletion: true;
}

export interface ChildMetadata {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences: OwnerReference[];
}

/** A Kubernetes object as it is sent to server-side apply: every field in it is ours. */
export interface ChildObject {
  apiVersion: string;
  kind: string;
  metadata: ChildMetadata;
  [field: string]: unknown;
}

export interface ChildType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface Child {
  role: ChildRole;
  type: ChildType;
  object: ChildObject;
  fieldManager: string;
}

/** The object owns its children: deleting it deletes them, without a finalizer. */
const ownerReference = ({ metadata }: FeatureServer): OwnerReference => ({
  apiVersion,
  kind: 'FeatureServer',
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

export interface ChildIdentity {
  role: ChildRole;
  type: ChildType;
  name: string;
  /** Value of the component label. */
  component: string;
}

/** Wraps the body of an object (spec, data, …) in type, labels and owner. */
export const child = (featureServer: FeatureServer, { role, type, name, component }: ChildIdentity, body: Record<string, unknown>): Child => ({
  role,
  type,
  fieldManager: fieldManagers.template,
  object: {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      namespace: featureServer.metadata.namespace,
      labels: childLabels(featureServer.metadata.name, component),
      ownerReferences: [ownerReference(featureServer)],
    },
    ...body,
  },
});
