/**
 * The values of the Helm chart: the source of values.schema.json. Unknown values are refused, since a misspelt one does nothing.
 *
 * @module
 */
import * as z from 'zod';

const free = z.looseObject({});
const tag = z.string().describe('Tag; empty: the version of the chart.');
const image = z.strictObject({
  repository: z.string().min(1).describe('Repository of the image of the operator.'),
  tag,
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
});

export const chartValuesSchema = z.strictObject({
  replicaCount: z.int().min(1).max(5).describe('Operators; one leads, the others stand by.'),
  image,
  workerImage: z.strictObject({ repository: z.string().min(1).describe('Repository of the image of built-in servers that name none.'), tag }),
  poolImage: z.strictObject({ repository: z.string().min(1).describe('Repository of the image that brings the pool package to Python servers.'), tag }),
  imagePullSecrets: z.array(z.strictObject({ name: z.string() })),
  resources: free.describe('Resources of the operator.'),
  podLabels: z.record(z.string(), z.string()).describe('More labels of the operator pods.'),
  podAnnotations: z.record(z.string(), z.string()).describe('More annotations of the operator pods.'),
  nodeSelector: z.record(z.string(), z.string()),
  tolerations: z.array(free),
  affinity: free,
  httpPort: z.int().min(1024).max(65_535).describe('Port of metrics, health and the fleets as JSON.'),
  // Helm hands the values of a parent chart down under this name.
  global: free.optional(),
});

/** JSON schema of values.yaml. */
export const valuesJsonSchema = (): unknown => z.toJSONSchema(chartValuesSchema, { target: 'draft-7', io: 'input', reused: 'inline' });
