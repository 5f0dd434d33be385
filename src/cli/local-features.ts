/**
 * Synthetic features for built-in servers whose database lies in a claim: on one machine a claim is an empty folder.
 *
 * @module
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as z from 'zod';
import { claimFolder } from '../local/kubelet/volumes.ts';
import { entityCount } from '../local/load/request-bodies.ts';
import type { ManifestObject } from '../local/manifest/read-manifest.ts';
import { parseFeatureStore } from '../worker/feature-store.ts';
import type { FeatureStore } from '../worker/feature-store.ts';
import { loadSyntheticFeatures } from '../worker/loader.ts';
import { writeSyntheticRegistry } from '../worker/synthetic-registry.ts';

const reference = z.object({ name: z.string(), key: z.string().default('feature_store.yaml') });
const builtin = z.object({
  spec: z.object({
    server: z.object({ builtin: z.object({ featureStore: z.object({ configMap: reference.optional(), secret: reference.optional() }) }) }),
    podTemplate: z.object({
      spec: z.object({
        containers: z.array(z.object({ volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]) })).default([]),
        volumes: z.array(z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }).optional() })).default([]),
      }),
    }),
  }),
});
const keyed = z.object({ data: z.record(z.string(), z.string()).optional(), stringData: z.record(z.string(), z.string()).optional() });

/** The shape that Feast's benchmarks use: five views of ten features. */
const views = 5;
const features = 50;

/** Fills the databases of the manifest's built-in servers that lie in claims and are not there yet. Returns their paths. */
export const loadFeatures = (objects: readonly ManifestObject[], sharedFolder: string): string[] =>
  objects.flatMap(({ type, object }) => {
    const parsed = type.kind === 'FeatureServer' ? builtin.safeParse(object) : undefined;
    if (parsed?.success !== true) return [];
    const namespace = object.metadata.namespace ?? 'default';
    const store = featureStoreOf(objects, namespace, parsed.data);
    const path = store?.store.type === 'sqlite' ? pathInClaim(store.store.path, parsed.data, sharedFolder, namespace) : undefined;
    if (store === undefined || path === undefined || existsSync(path)) return [];
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const wanted = { project: store.project, views, features, entities: entityCount, seed: 1 };
    loadSyntheticFeatures(path, wanted);
    const registry = pathInClaim(store.registry.path, parsed.data, sharedFolder, namespace);
    if (registry !== undefined && !existsSync(registry)) writeSyntheticRegistry(registry, wanted);
    return [path];
  });

type Builtin = z.infer<typeof builtin>;

/** The server itself says what is wrong with a file that cannot be read here. */
const featureStoreOf = (objects: readonly ManifestObject[], namespace: string, { spec }: Builtin): FeatureStore | undefined => {
  const { configMap, secret } = spec.server.builtin.featureStore;
  const wanted = configMap === undefined ? { kind: 'Secret', ref: secret } : { kind: 'ConfigMap', ref: configMap };
  const { ref } = wanted;
  if (ref === undefined) return undefined;
  const source = objects.find(({ type, object }) => type.kind === wanted.kind && object.metadata.name === ref.name && object.metadata.namespace === namespace);
  const text = textOf(source, ref.key);
  try {
    return text === undefined ? undefined : parseFeatureStore(text, '/feature_store.yaml');
  } catch {
    return undefined;
  }
};

const textOf = (source: ManifestObject | undefined, key: string): string | undefined => {
  const content = keyed.safeParse(source?.object);
  if (!content.success) return undefined;
  const plain = content.data.stringData?.[key];
  const stored = content.data.data?.[key];
  if (plain !== undefined || stored === undefined) return plain;
  return source?.type.kind === 'Secret' ? Buffer.from(stored, 'base64').toString('utf8') : stored;
};

const pathInClaim = (path: string, { spec }: Builtin, sharedFolder: string, namespace: string): string | undefined => {
  const { containers, volumes } = spec.podTemplate.spec;
  for (const { name, mountPath } of containers.flatMap(({ volumeMounts }) => volumeMounts)) {
    const claim = volumes.find((volume) => volume.name === name)?.persistentVolumeClaim?.claimName;
    const rest = relative(mountPath, path);
    if (claim !== undefined && !rest.startsWith('..')) return join(claimFolder(sharedFolder, namespace, claim), rest);
  }
  return undefined;
};
