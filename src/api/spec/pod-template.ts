/**
 * `spec.podTemplate`: a partial pod template, merged over the one that Plateau builds. Fields not named here are kept and passed on.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../cel-rules.ts';

const named = z.looseObject({ name: z.string().min(1).max(63).describe('Name; the serving container is called server.') });
const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };

const volume = z
  .looseObject({
    name: z.string().min(1).max(63).describe('Name of the volume.'),
    hostPath: z.looseObject({}).optional().describe('Refused.'),
  })
  .meta(checkedBy(celRules.volumeName, celRules.hostPath));

const podSpec = z
  .looseObject({
    containers: z.array(named).max(32).meta(byName).optional().describe('Merged by name; others than server are sidecars.'),
    initContainers: z.array(named).max(32).meta(byName).optional().describe('Run before the server, with the same hardening.'),
    volumes: z.array(volume).max(64).meta(byName).optional().describe('More volumes; one called tmp replaces the one at /tmp.'),
    restartPolicy: z.string().max(16).meta(checkedBy(celRules.restartPolicy)).optional().describe('Always.'),
    hostNetwork: z.boolean().optional().describe('Refused when true.'),
    hostPID: z.boolean().optional().describe('Refused when true.'),
    hostIPC: z.boolean().optional().describe('Refused when true.'),
  })
  .meta(checkedBy(celRules.hostNamespaces));

const podLabels = z.record(z.string(), z.string()).meta({ maxProperties: 64, ...checkedBy(celRules.podLabels) });
const podAnnotations = z.record(z.string(), z.string()).meta({ maxProperties: 64, ...checkedBy(celRules.podAnnotations) });

export const podTemplateSchema = z.object({
  metadata: z
    .object({
      labels: podLabels.optional().describe('More labels of the pods.'),
      annotations: podAnnotations.optional().describe('More annotations of the pods.'),
    })
    .optional()
    .describe('Labels and annotations of the pods.'),
  spec: podSpec.optional().describe('A partial pod spec. What the restricted Pod Security level and the pool need wins over it.'),
});
export type PodTemplate = z.infer<typeof podTemplateSchema>;
