/**
 * The pod template in three layers: what Plateau proposes, what the user's `podTemplate` says over it, what must be.
 *
 * @module
 */
import type { V1PodSpec, V1TopologySpreadConstraint, V1Volume } from '@kubernetes/client-node';
import { durationMs } from '../../api/duration.ts';
import { featureStoreSource, serverKind } from '../../api/featureserver.ts';
import type { FeatureServer, FeatureServerSpec } from '../../api/featureserver.ts';
import { childLabels, childNames, containerName, selectorLabels, volumeNames } from '../../api/names.ts';
import type { ChildContext } from './child.ts';
import { mergeObjects } from './merge.ts';
import type { JsonObject } from './merge.ts';
import { poolPackageVolumes, proposedPoolContainers, requiredPoolContainers } from './pool-package.ts';
import { restricted, restrictedAnnotations } from './pod-security.ts';
import { proposedContainer, requiredContainer } from './serving-container.ts';

/** User and group of the built-in image, and of Python images, most of which would run as root; a custom image says its own, and must not be root. */
const ownUser = { runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532 };

/** Each rollout spreads by itself: without the hash, old pods would push all new ones to one side. */
const spread = (topologyKey: string, instance: string): V1TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: selectorLabels(instance) },
  matchLabelKeys: ['pod-template-hash'],
});

const proposedSpec = (featureServer: FeatureServer): JsonObject => {
  const { name } = featureServer.metadata;
  return {
    serviceAccountName: childNames(name).serviceAccount,
    automountServiceAccountToken: false,
    // Services would otherwise be written into the environment, hundreds of variables in a large namespace.
    enableServiceLinks: false,
    securityContext: serverKind(featureServer.spec) === 'custom' ? {} : ownUser,
    topologySpreadConstraints: [spread('topology.kubernetes.io/zone', name), spread('kubernetes.io/hostname', name)],
    ...proposedPoolContainers(featureServer.spec),
    containers: [proposedContainer(featureServer)],
    volumes: [{ name: volumeNames.tmp, emptyDir: {} }],
  } satisfies V1PodSpec;
};

const featureStoreVolume = (spec: FeatureServerSpec): V1Volume[] => {
  const { secret, configMap } = featureStoreSource(spec) ?? {};
  if (secret !== undefined) return [{ name: volumeNames.featureStore, secret: { secretName: secret.name } }];
  return configMap === undefined ? [] : [{ name: volumeNames.featureStore, configMap: { name: configMap.name } }];
};

const requiredVolumes = ({ metadata, spec }: FeatureServer): V1Volume[] => {
  const names = childNames(metadata.name);
  return [
    { name: volumeNames.config, configMap: { name: names.poolConfig } },
    { name: volumeNames.token, secret: { secretName: names.poolToken } },
    ...featureStoreVolume(spec),
    ...poolPackageVolumes(spec),
  ];
};

const requiredSpec = (featureServer: FeatureServer, context: ChildContext): JsonObject => ({
  terminationGracePeriodSeconds: Math.ceil(durationMs(featureServer.spec.rollout.terminationGrace) / 1000),
  ...requiredPoolContainers(featureServer.spec, context.images.poolImage),
  containers: [requiredContainer(featureServer, context)],
  volumes: requiredVolumes(featureServer),
}) satisfies V1PodSpec;

/** The variables of `spec.env`, over what is proposed and under what is required. */
const userEnv = ({ spec }: FeatureServer): JsonObject => (spec.env === undefined ? {} : { containers: [{ name: containerName, env: spec.env }] });

const podSpec = (featureServer: FeatureServer, context: ChildContext): JsonObject => {
  const { podTemplate } = featureServer.spec;
  const layers = [userEnv(featureServer), podTemplate?.spec ?? {}, requiredSpec(featureServer, context)];
  return restricted(layers.reduce<JsonObject>(mergeObjects, proposedSpec(featureServer)));
};

export interface PodTemplateObject {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: JsonObject;
}

/** Template of the fleet's pods. Thread counts are not in it: they change without a rollout. */
export const podTemplate = (featureServer: FeatureServer, context: ChildContext): PodTemplateObject => {
  const user = featureServer.spec.podTemplate?.metadata;
  return {
    metadata: {
      labels: { ...user?.labels, ...childLabels(featureServer.metadata.name, 'server') },
      annotations: { 'kubectl.kubernetes.io/default-container': containerName, ...restrictedAnnotations(user?.annotations ?? {}), ...context.podAnnotations },
    },
    spec: podSpec(featureServer, context),
  };
};
