/**
 * What the view and the report show of one fleet, read from its objects.
 *
 * @module
 */
import * as z from 'zod';
import { parseDuration } from '../../api/duration.ts';
import { featureServerStatusSchema } from '../../api/featureserver-status.ts';
import type { BottleneckClass, Condition, Decision, FeatureServerStatus } from '../../api/featureserver-status.ts';
import { poolConfigSchema } from '../../api/protocol.ts';
import type { KubeObject } from '../../runtime/ports.ts';

export interface FleetFacts {
  /** `namespace/name`. */
  readonly key: string;
  readonly name: string;
  readonly namespace: string;
  readonly objectiveMs: number;
  readonly servingPort: number;
  readonly adminPort: number;
  /** Replicas asked of the Deployment, and how many are ready. */
  readonly replicas: number;
  readonly readyReplicas: number;
  /** What pods are asked for: per process, and per pod. */
  readonly threads: number;
  readonly processes: number;
  readonly class: BottleneckClass;
  readonly evidence: string;
  /** What a user could do about the class; empty when there is nothing. */
  readonly advice: string;
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly conditions: readonly Condition[];
}

const featureServer = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({
    objective: z.object({ p95: z.string() }),
    ports: z.object({ serving: z.int().default(6566), admin: z.int().default(9100) }).prefault({}),
    pool: z.object({ threads: z.object({ initial: z.int().default(8) }).prefault({}) }).prefault({}),
  }),
  status: featureServerStatusSchema.optional().catch(undefined),
});

const deployment = z.object({
  spec: z.object({ replicas: z.int().default(1) }),
  status: z.object({ readyReplicas: z.int().default(0) }).prefault({}),
});

const poolConfigMap = z.object({ data: z.record(z.string(), z.string()) });

/** The objects of one fleet; the children may not be there yet. */
export interface FleetObjects {
  readonly featureServer: KubeObject;
  readonly deployment: KubeObject | undefined;
  readonly poolConfig: KubeObject | undefined;
}

/** Reads a fleet; undefined for a FeatureServer that no schema of ours accepts. */
export const fleetFacts = (objects: FleetObjects): FleetFacts | undefined => {
  const parsed = featureServer.safeParse(objects.featureServer);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  const size = scaleOf(objects.deployment);
  return {
    key: `${metadata.namespace}/${metadata.name}`,
    ...metadata,
    objectiveMs: parseDuration(spec.objective.p95) ?? 0,
    servingPort: spec.ports.serving,
    adminPort: spec.ports.admin,
    ...size,
    ...poolSize(objects.poolConfig, status?.threads?.desired ?? spec.pool.threads.initial),
    ...stateOf(status),
  };
};

const scaleOf = (object: KubeObject | undefined): { replicas: number; readyReplicas: number } => {
  const parsed = deployment.safeParse(object);
  return parsed.success ? { replicas: parsed.data.spec.replicas, readyReplicas: parsed.data.status.readyReplicas } : { replicas: 0, readyReplicas: 0 };
};

const noBottleneck = { class: 'UNKNOWN', evidence: '', advice: '' } as const;

const stateOf = (status: FeatureServerStatus | undefined): Pick<FleetFacts, 'class' | 'evidence' | 'advice' | 'decisions' | 'conditions'> => {
  const { class: found, evidence, advice } = status?.bottleneck ?? noBottleneck;
  return { class: found, evidence, advice, decisions: status?.decisions ?? [], conditions: status?.conditions ?? [] };
};

const poolSize = (configMap: KubeObject | undefined, threads: number): { threads: number; processes: number } => {
  const parsed = poolConfigMap.safeParse(configMap);
  for (const text of parsed.success ? Object.values(parsed.data.data) : []) {
    const config = poolConfigSchema.safeParse(parseJson(text));
    if (config.success) return { threads: config.data.threads, processes: config.data.processes };
  }
  return { threads, processes: 1 };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
