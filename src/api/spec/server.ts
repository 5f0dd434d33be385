/**
 * `spec.server`: which program serves, and its container's environment.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../cel-rules.ts';

/** An object of the core API that passes through untouched; the API server checks it when the child is applied. */
export const passThrough = z.looseObject({});

/** A number, or a text with a unit; a fraction must be quoted, as in every CRD. */
const quantity = z.union([z.int(), z.string()]).meta({ maxLength: 32, ...checkedBy(celRules.quantity) });

const image = z.string().min(1).max(512).meta(checkedBy(celRules.image, celRules.imageScheme));

const keyReference = z.object({
  name: z.string().min(1).max(253).meta(checkedBy(celRules.objectName)).describe('Name of the object, in the namespace of the FeatureServer.'),
  key: z.string().min(1).max(253).meta(checkedBy(celRules.dataKey)).default('feature_store.yaml').describe('Key in it that holds the file.'),
});

const featureStore = z
  .object({
    secret: keyReference.optional().describe('A Secret that holds feature_store.yaml.'),
    configMap: keyReference.optional().describe('A ConfigMap that holds feature_store.yaml.'),
  })
  .meta(checkedBy(celRules.featureStoreSource));

const builtin = z.object({
  image: image.optional().describe('Image of the server. Absent: pinned when the object is first seen, see status.image.'),
  featureStore: featureStore.describe('The file that Feast users have: project, registry and online store. Exactly one of secret and configMap.'),
});

const custom = z.object({
  image: image.describe('Image of the server.'),
  command: z.array(z.string().max(4096)).max(64).optional().describe("Entry point; absent, the image's own."),
  args: z.array(z.string().max(4096)).max(256).optional().describe("Arguments; absent, the image's own."),
});

export const serverSchema = z
  .object({
    builtin: builtin.optional().describe("Plateau's own feature server with the wire format of Feast."),
    custom: custom.optional().describe('Any program that speaks the worker-pool protocol.'),
  })
  .meta(checkedBy(celRules.serverKind));

// Under 1024 a process without capabilities cannot listen, and the pods have none.
const portNumber = z.int().min(1024).max(65_535);

export const portsSchema = z
  .object({
    serving: portNumber.default(6566).describe('Port of the feature server, in the pods and of the Service.'),
    admin: portNumber.default(9100).describe('Port of metrics, health and pool size, in the pods only.'),
  })
  .meta(checkedBy(celRules.portsDiffer));

const envVariable = z
  .looseObject({
    name: z.string().min(1).max(253).describe('Name of the variable.'),
    value: z.string().optional().describe('Value; $(NAME) refers to a variable defined before.'),
    valueFrom: passThrough.optional().describe('Source of the value, as in a container.'),
  })
  .meta(checkedBy(celRules.envValue));

export const envSchema = z
  .array(envVariable)
  .max(256)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], ...checkedBy(celRules.envReserved) });

const quantities = z.record(z.string(), quantity).meta({ maxProperties: 16 });

export const resourcesSchema = z.looseObject({
  limits: quantities.optional().describe('The most a pod may use. Without a CPU limit, one process is run.'),
  requests: quantities.optional().describe('What the scheduler keeps free for a pod.'),
});
