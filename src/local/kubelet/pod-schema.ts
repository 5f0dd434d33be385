/**
 * The part of a Pod that the local kubelet reads.
 *
 * @module
 */
import * as z from 'zod';

const keyRef = z.object({ name: z.string().default(''), key: z.string(), optional: z.boolean().default(false) });
const objectRef = z.object({ name: z.string().default(''), optional: z.boolean().default(false) });

const fieldRef = z.object({ fieldPath: z.string() });
const resourceFieldRef = z.object({ resource: z.string(), containerName: z.string().optional(), divisor: z.union([z.string(), z.number()]).optional() });

const envVar = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({
      fieldRef: fieldRef.optional(),
      resourceFieldRef: resourceFieldRef.optional(),
      configMapKeyRef: keyRef.optional(),
      secretKeyRef: keyRef.optional(),
    })
    .optional(),
});

const envFrom = z.object({ prefix: z.string().default(''), configMapRef: objectRef.optional(), secretRef: objectRef.optional() });

const port = z.union([z.int(), z.string()]);

const probe = z.object({
  httpGet: z
    .object({
      path: z.string().default('/'),
      port,
      host: z.string().optional(),
      scheme: z.string().optional(),
      httpHeaders: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    })
    .optional(),
  tcpSocket: z.object({ port, host: z.string().optional() }).optional(),
  exec: z.looseObject({}).optional(),
  grpc: z.looseObject({}).optional(),
  initialDelaySeconds: z.number().default(0),
  periodSeconds: z.number().default(10),
  timeoutSeconds: z.number().default(1),
  successThreshold: z.number().default(1),
  failureThreshold: z.number().default(3),
});
export type Probe = z.infer<typeof probe>;

const quantities = z.record(z.string(), z.union([z.string(), z.number()])).default({});

const container = z.object({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  workingDir: z.string().optional(),
  env: z.array(envVar).default([]),
  envFrom: z.array(envFrom).default([]),
  ports: z.array(z.object({ name: z.string().optional(), containerPort: z.int() })).default([]),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), subPath: z.string().default('') })).default([]),
  resources: z.object({ limits: quantities, requests: quantities }).prefault({}),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }).optional() }).optional() }).optional(),
});
export type Container = z.infer<typeof container>;

const items = z.array(z.object({ key: z.string(), path: z.string() })).optional();
const downwardItems = z.array(z.object({ path: z.string(), fieldRef: fieldRef.optional(), resourceFieldRef: resourceFieldRef.optional() })).default([]);

const volume = z.object({
  name: z.string(),
  configMap: objectRef.extend({ items }).optional(),
  secret: z.object({ secretName: z.string(), optional: z.boolean().default(false), items }).optional(),
  emptyDir: z.looseObject({}).optional(),
  downwardAPI: z.object({ items: downwardItems }).optional(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
  hostPath: z.object({ path: z.string() }).optional(),
  projected: z
    .object({
      sources: z.array(
        z.object({
          configMap: objectRef.extend({ items }).optional(),
          secret: objectRef.extend({ items }).optional(),
          downwardAPI: z.object({ items: downwardItems }).optional(),
        }),
      ),
    })
    .optional(),
});
export type Volume = z.infer<typeof volume>;

export const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    generation: z.number().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.number().optional(),
  }),
  spec: z.object({
    initContainers: z.array(container).default([]),
    containers: z.array(container).min(1),
    volumes: z.array(volume).default([]),
    nodeName: z.string().default(''),
    serviceAccountName: z.string().default(''),
    terminationGracePeriodSeconds: z.number().default(30),
  }),
});
export type Pod = z.infer<typeof podSchema>;

/** What ConfigMaps and Secrets hold, as text or bytes by key. */
export const keyedDataSchema = z.object({
  data: z.record(z.string(), z.string()).nullish(),
  binaryData: z.record(z.string(), z.string()).nullish(),
});
