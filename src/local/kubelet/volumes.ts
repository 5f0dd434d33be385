/**
 * Writes a pod's volumes into folders of this run, and keeps them up to date.
 *
 * @module
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { MissingConfiguration, readConfiguration } from './configuration.ts';
import type { FindConfiguration } from './configuration.ts';
import { fieldValue } from './field-reference.ts';
import type { PodAddresses } from './field-reference.ts';
import { pathRewriter } from './mounts.ts';
import type { Mount } from './mounts.ts';
import type { Container, Pod, Volume } from './pod-schema.ts';

export interface VolumeContext {
  readonly pod: Pod;
  readonly container: Container;
  readonly addresses: PodAddresses;
  readonly find: FindConfiguration;
  /** Folder of this pod. */
  readonly podFolder: string;
  /** Folder of what outlives a pod: claims and host paths. */
  readonly sharedFolder: string;
}

type Files = Map<string, Buffer>;

/**
 * Brings all volumes of a pod into being or up to date.
 *
 * @returns where each mount of the container lies
 * @throws MissingConfiguration when a ConfigMap, a Secret or a key is missing and not optional
 */
export const writeVolumes = (context: VolumeContext): Mount[] => {
  const folders = new Map(context.pod.spec.volumes.map((volume) => [volume.name, folderOf(context, volume)]));
  const scratch = new Set(context.pod.spec.volumes.filter(({ emptyDir }) => emptyDir !== undefined).map(({ name }) => name));
  const mounts = context.container.volumeMounts.map((mount) => {
    const folder = folders.get(mount.name);
    if (folder === undefined) throw new MissingConfiguration(`container ${context.container.name} mounts volume "${mount.name}", which the pod does not have`);
    return { mountPath: mount.mountPath, hostPath: mount.subPath === '' ? folder : inside(folder, mount.subPath), scratch: scratch.has(mount.name) };
  });
  const rewrite = pathRewriter(mounts);
  for (const volume of context.pod.spec.volumes) {
    const folder = folders.get(volume.name) ?? '';
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const files = filesOf(context, volume);
    // A file that names a mounted path (feature_store.yaml names its database) must name the folder instead.
    if (files !== undefined) syncFolder(folder, new Map([...files].map(([path, content]) => [path, rewriteText(content, rewrite)])));
  }
  return mounts;
};

const folderOf = ({ podFolder, sharedFolder, pod }: VolumeContext, volume: Volume): string => {
  if (volume.persistentVolumeClaim !== undefined) return claimFolder(sharedFolder, pod.metadata.namespace, volume.persistentVolumeClaim.claimName);
  if (volume.hostPath !== undefined) return inside(join(sharedFolder, 'host'), volume.hostPath.path);
  return join(podFolder, 'volumes', volume.name);
};

/** Where the data of a PersistentVolumeClaim lies. */
export const claimFolder = (sharedFolder: string, namespace: string, claim: string): string => join(sharedFolder, 'claims', namespace, claim);

/** A path that cannot leave its folder, whatever a manifest says. */
const inside = (folder: string, path: string): string => join(folder, normalize(join(sep, path)));

const rewriteText = (content: Buffer, rewrite: (text: string) => string): Buffer => {
  const text = content.toString('utf8');
  return Buffer.from(text, 'utf8').equals(content) ? Buffer.from(rewrite(text), 'utf8') : content;
};

type Item = { key: string; path: string };
interface Source {
  readonly name: string;
  readonly optional: boolean;
  readonly items?: Item[] | undefined;
}

/** Undefined for a volume whose content is not ours. */
const filesOf = (context: VolumeContext, volume: Volume): Files | undefined => {
  if (volume.configMap !== undefined) return keyedFiles(context, 'configmap', volume.configMap);
  if (volume.secret !== undefined) return keyedFiles(context, 'secret', { ...volume.secret, name: volume.secret.secretName });
  if (volume.downwardAPI !== undefined) return downwardFiles(context, volume.downwardAPI.items);
  if (volume.projected === undefined) return undefined;
  return new Map(
    volume.projected.sources.flatMap((source) => [
      ...(source.configMap === undefined ? [] : keyedFiles(context, 'configmap', source.configMap)),
      ...(source.secret === undefined ? [] : keyedFiles(context, 'secret', source.secret)),
      ...(source.downwardAPI === undefined ? [] : downwardFiles(context, source.downwardAPI.items)),
    ]),
  );
};

const keyedFiles = ({ find, pod }: VolumeContext, kind: 'configmap' | 'secret', source: Source): Files => {
  const { name, optional, items } = source;
  const { namespace } = pod.metadata;
  const values = readConfiguration(find, { kind, namespace, name, optional });
  if (items === undefined) return values;
  const files: Files = new Map();
  for (const { key, path } of items) {
    const value = values.get(key);
    if (value !== undefined) files.set(path, value);
    else if (!optional) throw new MissingConfiguration(`references non-existent ${kind} key: ${key} (in ${kind} "${name}")`);
  }
  return files;
};

const downwardFiles = ({ pod, addresses }: VolumeContext, items: readonly { path: string; fieldRef?: { fieldPath: string } | undefined }[]): Files =>
  new Map(items.flatMap(({ path, fieldRef }) => (fieldRef === undefined ? [] : [[path, Buffer.from(fieldValue(pod, addresses, fieldRef.fieldPath))] as const])));

/** Makes a folder hold exactly these files. Each file changes in one step, so that no reader sees half of it. */
const syncFolder = (folder: string, files: Files): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const wanted = new Set<string>();
  for (const [path, content] of files) {
    const target = inside(folder, path);
    wanted.add(relative(folder, target));
    if (!sameContent(target, content)) replaceFile(target, content);
  }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(relative(folder, path))) rmSync(path, { force: true });
  }
};

const sameContent = (path: string, content: Buffer): boolean => {
  try {
    return readFileSync(path).equals(content);
  } catch {
    return false;
  }
};

const replaceFile = (path: string, content: Buffer): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.tmp`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
};
