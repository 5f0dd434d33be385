/**
 * The FeatureServer object (`plateau.dev/v1alpha1`): the only source of its types, its defaults and its CRD.
 *
 * Reading is tolerant, since the CRD is the cluster's and may be older or newer than this operator: an unknown field is dropped,
 * a missing one gets its default. Writing is strict, since the API server prunes or refuses what the CRD does not know.
 *
 * @module
 */
import * as z from 'zod';
import { durationBetween } from './duration.ts';
import { celRules, checkedBy } from './cel-rules.ts';
import { featureServerStatusSchema } from './featureserver-status.ts';
import { networkPolicySchema } from './spec/network-policy.ts';
import { podTemplateSchema } from './spec/pod-template.ts';
import { poolSchema } from './spec/pool.ts';
import { disruptionSchema, rolloutSchema } from './spec/rollout.ts';
import { scalingSchema } from './spec/scaling.ts';
import { envSchema, passThrough, portsSchema, resourcesSchema, serverSchema } from './spec/server.ts';

export { scalingModes } from './spec/scaling.ts';
export type { ScalingMode } from './spec/scaling.ts';

export const group = 'plateau.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

// A bound of a minute: a p95 over it is no serving any more, and the histograms end at 2 s and at the objective.
const objectiveSchema = z.object({
  p95: durationBetween('1ms', '1m').describe('95 of 100 requests are answered within this time, measured at the pod from accept to last byte.'),
});

export const featureServerSpecSchema = z
  .object({
    objective: objectiveSchema.describe('What the fleet has to hold.'),
    server: serverSchema.describe('The program that serves. Exactly one of builtin, feast, python and custom.'),
    ports: portsSchema.prefault({}).describe('Ports of the pods.'),
    env: envSchema.optional().describe('Environment of the serving container.'),
    envFrom: z.array(passThrough).max(64).optional().describe('Sources of environment of the serving container.'),
    resources: resourcesSchema.optional().describe('Resources of the serving container.'),
    pool: poolSchema.prefault({}).describe('The inner knob: threads and processes of each pod.'),
    scaling: scalingSchema.prefault({}).describe('Who turns which knob, how far and how fast.'),
    /** No default: absent means keep what is there. */
    replicas: z
      .int()
      .min(0)
      .max(5000)
      .optional()
      .describe('Number of pods in the modes in which Plateau does not turn it; kubectl scale writes it. Absent: what is there stays.'),
    rollout: rolloutSchema.prefault({}).describe('How pods are replaced.'),
    podTemplate: podTemplateSchema.optional().describe('A partial pod template, merged over the one that Plateau builds.'),
    disruption: disruptionSchema.prefault({}).describe('How many pods an eviction may take at once.'),
    networkPolicy: networkPolicySchema.prefault({}).describe('Who may reach the pods.'),
  })
  .meta(checkedBy(celRules.maxConcurrency, celRules.oneProcess));

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
type Server = FeatureServerSpec['server'];
export type ServerKind = keyof Server;
export type PythonServer = NonNullable<Server['python']>['server'];

/** Which program serves; undefined when the object was written for a newer operator that knows one more kind. */
export const serverKind = ({ server }: FeatureServerSpec): ServerKind | undefined => {
  if (server.builtin !== undefined) return 'builtin';
  if (server.feast !== undefined) return 'feast';
  if (server.python !== undefined) return 'python';
  return server.custom === undefined ? undefined : 'custom';
};

/** The part of the spec that the pool package runs; undefined for a server that needs none. */
export const pooledServer = ({ server }: FeatureServerSpec): { image: string; server: PythonServer; poolImage?: string | undefined } | undefined =>
  server.feast ?? server.python;

/** Where feature_store.yaml comes from; undefined for a server that brings its own. */
export const featureStoreSource = ({ server }: FeatureServerSpec): NonNullable<Server['builtin']>['featureStore'] | undefined =>
  (server.builtin ?? server.feast ?? server.python)?.featureStore;
