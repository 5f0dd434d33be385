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

/** Servers that the pool package can run for Feast's own application, which is ASGI. */
export const feastServers = ['uvicorn', 'gunicorn'] as const;
/** Servers that the pool package can run. */
export const pythonServers = ['waitress', 'gunicorn', 'gunicorn-asgi', 'uvicorn'] as const;

const poolImageDescription = 'Image that brings the pool package. Absent: pinned when the object is first seen, see status.poolImage.';

const feast = z.object({
  image: image.describe("Your image with Feast and the online store's client in it; it stays unmodified."),
  featureStore: featureStore.describe('The file that Feast users have. Exactly one of secret and configMap.'),
  server: z.enum(feastServers).default('uvicorn').describe('uvicorn: requests in flight and processes are turned live. gunicorn: processes live, requests in flight by a rollout.'),
  poolImage: image.optional().describe(poolImageDescription),
});

const python = z.object({
  image: image.describe('Your image with the application in it; it stays unmodified and needs python3 of 3.11 or newer.'),
  app: z.string().min(3).max(253).meta(checkedBy(celRules.pythonApp)).describe('The WSGI or ASGI application, as module:attribute from the working directory of the image.'),
  server: z.enum(pythonServers).describe('For WSGI waitress (threads live, one process) or gunicorn (processes live, threads by a rollout); for ASGI uvicorn (requests in flight and processes live) or gunicorn-asgi (processes live).'),
  featureStore: featureStore.optional().describe('A feature_store.yaml for the application; FEAST_FS_YAML_FILE_PATH names it. Exactly one of secret and configMap.'),
  poolImage: image.optional().describe(poolImageDescription),
});

const custom = z.object({
  image: image.describe('Image of the server.'),
  command: z.array(z.string().max(4096)).max(64).optional().describe("Entry point; absent, the image's own."),
  args: z.array(z.string().max(4096)).max(256).optional().describe("Arguments; absent, the image's own."),
});

export const serverSchema = z
  .object({
    builtin: builtin.optional().describe("Plateau's own feature server with the wire format of Feast."),
    feast: feast.optional().describe("Feast's own Python server, run, measured and resized by the pool package."),
    python: python.optional().describe('Your own Python application on waitress, gunicorn or uvicorn, run, measured and resized by the pool package.'),
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
