/**
 * How a Python server in an image of the user's comes under the pool package: an init container lays the package down in an empty
 * volume, and the serving container runs it from there. The image itself stays as it is.
 *
 * @module
 */
import type { V1Container, V1EnvVar, V1PodSpec, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { pooledServer } from '../../api/featureserver.ts';
import type { FeatureServerSpec } from '../../api/featureserver.ts';
import { mountPaths, poolContainerName, volumeNames } from '../../api/names.ts';

/** Feast's own variable for the path of feature_store.yaml. */
const feastFile = 'FEAST_FS_YAML_FILE_PATH';

/** Copying a few megabytes; requests equal limits, so that a pod of the class Guaranteed stays one. */
const resources = { cpu: '100m', memory: '64Mi' };

type InitContainers = Pick<V1PodSpec, 'initContainers'>;

/** The init container as a user may change it through `podTemplate.spec.initContainers`; no field at all for a server that needs none. */
export const proposedPoolContainers = (spec: FeatureServerSpec): InitContainers =>
  pooledServer(spec) === undefined
    ? {}
    : { initContainers: [{ name: poolContainerName, resources: { limits: resources, requests: resources }, securityContext: { readOnlyRootFilesystem: true } }] };

/** What of the init container wins over `podTemplate`. */
export const requiredPoolContainers = (spec: FeatureServerSpec, image = ''): InitContainers => {
  if (pooledServer(spec) === undefined) return {};
  const volumeMounts = [{ name: volumeNames.poolPackage, mountPath: mountPaths.poolPackage }];
  return { initContainers: [{ name: poolContainerName, image, args: [mountPaths.poolPackage], volumeMounts }] };
};

/** The empty volume between the init container and the serving container. */
export const poolPackageVolumes = (spec: FeatureServerSpec): V1Volume[] =>
  pooledServer(spec) === undefined ? [] : [{ name: volumeNames.poolPackage, emptyDir: { sizeLimit: '64Mi' } }];

/** The serving container sees the package and cannot change it. */
export const poolPackageMounts = (spec: FeatureServerSpec): V1VolumeMount[] =>
  pooledServer(spec) === undefined ? [] : [{ name: volumeNames.poolPackage, mountPath: mountPaths.poolPackage, readOnly: true }];

/** Variables that a user may change: where the application finds its feature_store.yaml, and logs that are not held back. */
export const proposedPoolEnv = (spec: FeatureServerSpec, featureStoreFile: string | undefined): V1EnvVar[] =>
  pooledServer(spec) === undefined
    ? []
    : [{ name: 'PYTHONUNBUFFERED', value: '1' }, ...(featureStoreFile === undefined ? [] : [{ name: feastFile, value: featureStoreFile }])];

/** Command line in the user's image; undefined for a server that the pool package does not run. */
export const pooledProgram = (spec: FeatureServerSpec, featureStoreFile: string | undefined): Pick<V1Container, 'image' | 'command' | 'args'> | undefined => {
  const pooled = pooledServer(spec);
  if (pooled === undefined) return undefined;
  // The package knows Feast by its name, and tells it where its file lies.
  const app = spec.server.python === undefined ? ['feast', '--feature-store', featureStoreFile ?? ''] : [spec.server.python.app];
  return {
    image: pooled.image,
    command: ['python3', `${mountPaths.poolPackage}/plateau-pool`],
    args: ['serve', ...app, '--server', pooled.server, '--termination-grace', spec.rollout.terminationGrace],
  };
};
