/**
 * The parts of Deployments, ReplicaSets and Pods that the local controllers read.
 *
 * @module
 */
import * as z from 'zod';

const owner = z.object({ uid: z.string(), controller: z.boolean().default(false) });
const metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string().default(''),
  generation: z.number().default(0),
  creationTimestamp: z.string().default(''),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  ownerReferences: z.array(owner).default([]),
});
export type Metadata = z.infer<typeof metadata>;

const selector = z.object({ matchLabels: z.record(z.string(), z.string()).default({}) });
const template = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()).default({}), annotations: z.record(z.string(), z.string()).default({}) }).prefault({}),
  spec: z.looseObject({}),
});
export type PodTemplate = z.infer<typeof template>;

const intOrPercent = z.union([z.int(), z.string()]);
const condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().default(''),
  message: z.string().default(''),
  lastUpdateTime: z.string().default(''),
  lastTransitionTime: z.string().default(''),
});
export type Condition = z.infer<typeof condition>;

export const deploymentSchema = z.object({
  metadata,
  spec: z.object({
    replicas: z.int().min(0).default(1),
    selector,
    template,
    minReadySeconds: z.number().default(0),
    progressDeadlineSeconds: z.number().default(600),
    revisionHistoryLimit: z.int().default(10),
    paused: z.boolean().default(false),
    strategy: z
      .object({
        type: z.enum(['RollingUpdate', 'Recreate']).default('RollingUpdate'),
        rollingUpdate: z.object({ maxSurge: intOrPercent.default('25%'), maxUnavailable: intOrPercent.default('25%') }).prefault({}),
      })
      .prefault({}),
  }),
  status: z.looseObject({ conditions: z.array(condition).default([]) }).prefault({}),
});
export type Deployment = z.infer<typeof deploymentSchema>;

export const replicaSetSchema = z.object({
  metadata,
  spec: z.object({ replicas: z.int().min(0).default(1), selector, template, minReadySeconds: z.number().default(0) }),
  status: z
    .looseObject({
      replicas: z.int().default(0),
      readyReplicas: z.int().default(0),
      availableReplicas: z.int().default(0),
      observedGeneration: z.number().default(0),
      conditions: z.array(condition).default([]),
    })
    .prefault({}),
});
export type ReplicaSet = z.infer<typeof replicaSetSchema>;

export const podSchema = z.object({
  metadata,
  status: z
    .object({
      phase: z.string().default('Pending'),
      conditions: z.array(z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.string().nullish() })).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof podSchema>;

/** The label that tells the pods of one template from those of another. */
export const templateHashLabel = 'pod-template-hash';

/** True when `object` is managed by the owner with that UID. */
export const controlledBy = (object: { metadata: Metadata }, uid: string): boolean =>
  object.metadata.ownerReferences.some((owner) => owner.controller && owner.uid === uid);
