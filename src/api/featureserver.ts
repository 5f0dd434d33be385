/**
 * The FeatureServer object (`plateau.dev/v1alpha1`): the only source of its types, its defaults and its CRD.
 *
 * @module
 */
import * as z from 'zod';
import { durationSchema } from './duration.ts';
import { featureServerStatusSchema } from './featureserver-status.ts';

export const group = 'plateau.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** Objects of the core API that pass through untouched; the API server checks them when the Deployment is applied. */
const passThrough = z.looseObject({});
const portNumber = z.int().min(1).max(65_535);
const intOrPercent = z.union([z.int(), z.string()]);

const keyReference = z.strictObject({
  name: z.string().min(1).max(253),
  key: z.string().min(1).max(253).default('feature_store.yaml'),
});

const featureStore = z.strictObject({
  secret: keyReference.optional(),
  configMap: keyReference.optional(),
});

const builtinServer = z.strictObject({
  image: z.string().min(1).max(512).optional(),
  featureStore,
});

const customServer = z.strictObject({
  image: z.string().min(1).max(512),
  command: z.array(z.string().max(4096)).max(64).optional(),
  args: z.array(z.string().max(4096)).max(256).optional(),
});

const server = z.strictObject({
  builtin: builtinServer.optional(),
  custom: customServer.optional(),
});

const threads = z.strictObject({
  min: z.int().min(1).max(1024).default(1),
  max: z.int().min(1).max(1024).default(32),
  initial: z.int().min(1).max(1024).default(8),
});

const processes = z.strictObject({
  min: z.int().min(1).max(64).default(1),
  /** Absent: the CPU limit rounded down, at least 1; without a limit 1. */
  max: z.int().min(1).max(64).optional(),
});

const pool = z.strictObject({
  threads: threads.prefault({}),
  processes: processes.prefault({}),
  /** A younger pod is not learned from. */
  warmUp: durationSchema.default('10s'),
});

export const scalingModes = ['Auto', 'ReplicasOnly', 'ThreadsOnly', 'Recommend', 'Off'] as const;
export type ScalingMode = (typeof scalingModes)[number];

const scaling = z.strictObject({
  mode: z.enum(scalingModes).default('Auto'),
  replicas: z
    .strictObject({ min: z.int().min(1).max(5000).default(2), max: z.int().min(1).max(5000).default(10) })
    .prefault({}),
  /** Fleet-wide cap on replicas × processes × threads, surge and terminating pods counted. */
  maxConcurrency: z.int().min(1).max(10_000_000).optional(),
  scaleUp: z
    .strictObject({
      maxPods: z.int().min(1).max(5000).default(4),
      maxPercent: z.int().min(1).max(1000).default(100),
      period: durationSchema.default('15s'),
    })
    .prefault({}),
  scaleDown: z
    .strictObject({
      enabled: z.boolean().default(true),
      stabilization: durationSchema.default('300s'),
      maxPercentPerMinute: z.int().min(1).max(100).default(10),
    })
    .prefault({}),
  evaluation: z.strictObject({ period: durationSchema.default('5s'), window: durationSchema.default('15s') }).prefault({}),
});

const rollout = z.strictObject({
  maxSurge: intOrPercent.default('25%'),
  maxUnavailable: intOrPercent.default(0),
  minReadySeconds: z.int().min(0).max(3600).default(0),
  terminationGrace: durationSchema.default('30s'),
});

const podTemplate = z.strictObject({
  metadata: z
    .strictObject({
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  /** A partial pod spec, merged over the one that Plateau builds. */
  spec: passThrough.optional(),
});

const networkPolicy = z.strictObject({
  enabled: z.boolean().default(false),
  from: z.array(passThrough).max(64).optional(),
  metricsFrom: z.array(passThrough).max(64).optional(),
});

export const featureServerSpecSchema = z.strictObject({
  objective: z.strictObject({ p95: durationSchema }),
  server,
  ports: z.strictObject({ serving: portNumber.default(6566), admin: portNumber.default(9100) }).prefault({}),
  env: z.array(passThrough).max(256).optional(),
  envFrom: z.array(passThrough).max(64).optional(),
  resources: passThrough.optional(),
  pool: pool.prefault({}),
  scaling: scaling.prefault({}),
  /** No default: absent means keep what is there. */
  replicas: z.int().min(0).max(5000).optional(),
  rollout: rollout.prefault({}),
  podTemplate: podTemplate.optional(),
  disruption: z.strictObject({ maxUnavailable: intOrPercent.default(1) }).prefault({}),
  networkPolicy: networkPolicy.prefault({}),
});

export const objectMetaSchema = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** A FeatureServer as the API server stores it; a status that an older version wrote badly reads as absent. */
export const featureServerSchema = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('FeatureServer'),
  metadata: objectMetaSchema,
  spec: featureServerSpecSchema,
  status: featureServerStatusSchema.optional().catch(undefined),
});

export type FeatureServer = z.infer<typeof featureServerSchema>;
export type FeatureServerSpec = z.infer<typeof featureServerSpecSchema>;
