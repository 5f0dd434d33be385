/**
 * The serving container: what Plateau proposes, and what it must have to be measured and resized.
 *
 * @module
 */
import type { V1Container, V1EnvVar, V1HTTPGetAction, V1VolumeMount } from '@kubernetes/client-node';
import { featureStoreSource, serverKind } from '../../api/featureserver.ts';
import type { FeatureServer, FeatureServerSpec } from '../../api/featureserver.ts';
import { containerName, mountPaths, portNames, volumeNames } from '../../api/names.ts';
import { poolEnv } from '../../api/protocol.ts';
import type { ChildContext } from './child.ts';
import { pooledProgram, poolPackageMounts, proposedPoolEnv } from './pool-package.ts';

const adminGet = (path: string): V1HTTPGetAction => ({ path, port: portNames.admin });

/** Ten minutes for a start, since a server may load a large registry; after it, half a minute without an answer is death. */
const probes = {
  startupProbe: { httpGet: adminGet('/healthz'), periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 600 },
  readinessProbe: { httpGet: adminGet('/readyz'), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 },
  livenessProbe: { httpGet: adminGet('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
};

/** Where the feature store's file lies in the pod; undefined for a server that brings its own. */
const featureStoreFile = (spec: FeatureServerSpec): string | undefined => {
  const source = featureStoreSource(spec);
  const key = (source?.secret ?? source?.configMap)?.key;
  return key === undefined ? undefined : `${mountPaths.featureStore}/${key}`;
};

const program = (spec: FeatureServerSpec, builtinImage = ''): Pick<V1Container, 'image' | 'command' | 'args'> => {
  if (serverKind(spec) === 'builtin') {
    // The worker must be gone before the kubelet's patience ends, so it has to know how long that is.
    const args = ['worker', '--feature-store', featureStoreFile(spec) ?? '', '--termination-grace', spec.rollout.terminationGrace];
    return { image: builtinImage, args };
  }
  const pooled = pooledProgram(spec, featureStoreFile(spec));
  if (pooled !== undefined) return pooled;
  const { image = '', command, args } = spec.server.custom ?? {};
  return { image, ...(command === undefined ? {} : { command }), ...(args === undefined ? {} : { args }) };
};

/** What a user may change through `podTemplate.spec.containers`, the entry called server. */
export const proposedContainer = ({ spec }: FeatureServer): V1Container => ({
  name: containerName,
  ...probes,
  ...(spec.resources === undefined ? {} : { resources: spec.resources as NonNullable<V1Container['resources']> }),
  ...(spec.envFrom === undefined ? {} : { envFrom: spec.envFrom }),
  env: [{ name: poolEnv.host, value: '0.0.0.0' }, ...proposedPoolEnv(spec, featureStoreFile(spec))],
  securityContext: { readOnlyRootFilesystem: true },
});

const requiredEnv = ({ ports }: FeatureServerSpec): V1EnvVar[] => [
  { name: poolEnv.config, value: mountPaths.configFile },
  { name: poolEnv.tokenFile, value: mountPaths.tokenFile },
  { name: poolEnv.servingPort, value: String(ports.serving) },
  { name: poolEnv.adminPort, value: String(ports.admin) },
];

// Directories and not single files (`subPath`), which the kubelet never updates.
const requiredMounts = (spec: FeatureServerSpec): V1VolumeMount[] => [
  { name: volumeNames.config, mountPath: mountPaths.config, readOnly: true },
  { name: volumeNames.token, mountPath: mountPaths.token, readOnly: true },
  ...(featureStoreFile(spec) === undefined ? [] : [{ name: volumeNames.featureStore, mountPath: mountPaths.featureStore, readOnly: true }]),
  ...poolPackageMounts(spec),
  { name: volumeNames.tmp, mountPath: '/tmp' },
];

/** What wins over `podTemplate`: program, ports, environment and mounts of the pool protocol. */
export const requiredContainer = ({ spec }: FeatureServer, { images }: ChildContext): V1Container => ({
  name: containerName,
  ...program(spec, images.image),
  ports: [
    { name: portNames.serving, containerPort: spec.ports.serving, protocol: 'TCP' },
    { name: portNames.admin, containerPort: spec.ports.admin, protocol: 'TCP' },
  ],
  env: requiredEnv(spec),
  volumeMounts: requiredMounts(spec),
});
