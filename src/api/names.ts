/**
 * Names of everything that Plateau writes: labels, annotations, children, field managers.
 *
 * @module
 */

/** Field managers: one for each concern, so that one never removes what another owns. */
export const fieldManagers = {
  /** Children but for the number of replicas. */
  template: 'plateau',
  /** `spec.replicas` of the Deployment, and nothing else. */
  scale: 'plateau-scale',
  /** Status of the FeatureServer. */
  status: 'plateau-status',
  /** Events and the operator's own Secret. */
  operator: 'plateau-operator',
} as const;

export const labels = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

export const managedBy = 'plateau';

/** Selects every child of every FeatureServer: what the operator watches. */
export const managedSelector = `${labels.managedBy}=${managedBy}`;

export const annotations = {
  /** "true" freezes replicas and threads; rollouts and repair go on. */
  paused: 'plateau.dev/paused',
  /** On each child: digest of what was last applied, so that a reconcile at rest compares without writing. */
  applied: 'plateau.dev/applied',
  /** On the pod template: pool sizes that the server takes at its start only; a change rolls the pods. */
  poolAtStart: 'plateau.dev/pool-at-start',
} as const;

/** Labels that select the pods of one fleet. They never change: a Deployment's selector is immutable. */
export const selectorLabels = (instance: string): Record<string, string> => ({
  [labels.name]: 'feature-server',
  [labels.instance]: instance,
});

/** Labels of every child of one fleet. */
export const childLabels = (instance: string, component: string): Record<string, string> => ({
  ...selectorLabels(instance),
  [labels.component]: component,
  [labels.managedBy]: managedBy,
});

/** Children bear the name of their FeatureServer; those that share a kind with others get a suffix. */
export const childNames = (instance: string) => ({
  deployment: instance,
  service: instance,
  serviceAccount: instance,
  poolConfig: `${instance}-pool`,
  poolToken: `${instance}-pool-token`,
  disruptionBudget: instance,
  networkPolicy: instance,
});

/** Longest name of a FeatureServer: a pod's label value holds 63 characters, the pod's name adds up to 17 to the Deployment's. */
export const maxNameLength = 46;

/** Where the operator's own files are mounted in a pod. */
export const mountPaths = {
  config: '/etc/plateau/pool',
  configFile: '/etc/plateau/pool/pool.json',
  token: '/etc/plateau/token',
  tokenFile: '/etc/plateau/token/token',
  featureStore: '/etc/plateau/feature-store',
  /** Where an init container lays the pool package down for Python servers. */
  poolPackage: '/opt/plateau-pool',
} as const;

/** The serving container's name, and the names of its ports. */
export const containerName = 'server';
/** The init container that brings the pool package. */
export const poolContainerName = 'plateau-pool';
export const portNames = { serving: 'serving', admin: 'admin' } as const;

/** Names of the volumes that the operator mounts; a user's volume may not begin like them. */
export const reservedVolumePrefix = 'plateau-';
export const volumeNames = {
  config: `${reservedVolumePrefix}pool`,
  token: `${reservedVolumePrefix}token`,
  featureStore: `${reservedVolumePrefix}feature-store`,
  poolPackage: `${reservedVolumePrefix}pool-package`,
  /** The only writable place under a read-only root; `podTemplate.spec.volumes` may replace it. */
  tmp: 'tmp',
} as const;

/** Objects of the operator itself, in its own namespace; its role is held to these names. */
export const operatorObjects = { lease: 'plateau-operator', keySecret: 'plateau-operator-key' } as const;
