/**
 * Holds a pod spec to the *restricted* Pod Security level, whatever it asks: whoever may create a FeatureServer gains
 * no more than restricted pods in that namespace.
 *
 * @module
 */
import { isJsonObject } from './merge.ts';
import type { JsonObject } from './merge.ts';

const objectAt = (object: JsonObject, field: string): JsonObject => {
  const value = object[field];
  return isJsonObject(value) ? value : {};
};

const without = (object: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));

/** The restricted level allows one added capability, binding to ports under 1024. */
const allowedCapabilities = (capabilities: JsonObject): JsonObject => {
  const { add } = capabilities;
  const kept = Array.isArray(add) && add.includes('NET_BIND_SERVICE') ? { add: ['NET_BIND_SERVICE'] } : {};
  return { drop: ['ALL'], ...kept };
};

/** A profile from the node is as good as the runtime's own; `Unconfined` is none. */
const allowedProfile = (profile: JsonObject): JsonObject => (profile['type'] === 'Localhost' ? profile : { type: 'RuntimeDefault' });

/** What loosens the sandbox and is never needed to serve. */
const loosening = ['privileged', 'procMount', 'sysctls', 'seLinuxOptions', 'windowsOptions'];

/** A security context of pod or container, with the profiles that it names held to allowed ones. */
const allowedContext = (context: JsonObject): JsonObject => {
  const profiles = ['seccompProfile', 'appArmorProfile'].filter((field) => isJsonObject(context[field]));
  return {
    ...without(context, context['runAsUser'] === 0 ? [...loosening, 'runAsUser'] : loosening),
    ...Object.fromEntries(profiles.map((field) => [field, allowedProfile(objectAt(context, field))])),
    runAsNonRoot: true,
  };
};

const withoutHostPorts = ({ ports }: JsonObject): JsonObject =>
  Array.isArray(ports) ? { ports: ports.map((port: unknown) => (isJsonObject(port) ? without(port, ['hostPort', 'hostIP']) : port)) } : {};

/** A probe or hook asks its own pod: with a host of somebody's choice the kubelet would ask from the node's network (refused since 1.34). */
const withoutHosts = (handlers: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(handlers).map(([field, value]) => [field, ['httpGet', 'tcpSocket'].includes(field) && isJsonObject(value) ? without(value, ['host']) : value]),
  );

const withoutHostsIn = (object: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(fields.filter((field) => isJsonObject(object[field])).map((field) => [field, withoutHosts(objectAt(object, field))]));

const askingItself = (container: JsonObject): JsonObject => {
  const lifecycle = objectAt(container, 'lifecycle');
  return {
    ...withoutHostsIn(container, ['startupProbe', 'readinessProbe', 'livenessProbe']),
    ...(isJsonObject(container['lifecycle']) ? { lifecycle: { ...lifecycle, ...withoutHostsIn(lifecycle, ['postStart', 'preStop']) } } : {}),
  };
};

const restrictedContainer = (container: unknown): unknown => {
  if (!isJsonObject(container)) return container;
  const context = objectAt(container, 'securityContext');
  return {
    ...container,
    ...withoutHostPorts(container),
    ...askingItself(container),
    securityContext: {
      ...allowedContext(context),
      allowPrivilegeEscalation: false,
      capabilities: allowedCapabilities(objectAt(context, 'capabilities')),
    },
  };
};

const restrictedContainers = (podSpec: JsonObject, field: string): JsonObject => {
  const containers = podSpec[field];
  return Array.isArray(containers) ? { [field]: containers.map(restrictedContainer) } : {};
};

const allowedVolumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];

/** A volume of another kind goes; a mount that needs it is then refused by its name when the Deployment is applied. */
const restrictedVolumes = ({ volumes }: JsonObject): JsonObject => {
  if (!Array.isArray(volumes)) return {};
  const allowed = (volume: unknown): boolean => isJsonObject(volume) && Object.keys(volume).every((field) => field === 'name' || allowedVolumes.includes(field));
  return { volumes: volumes.filter(allowed) };
};

/** The pod spec with everything set or removed that the restricted level asks of pod and containers. */
export const restricted = (podSpec: JsonObject): JsonObject => {
  const context = objectAt(podSpec, 'securityContext');
  return {
    ...without(podSpec, ['hostNetwork', 'hostPID', 'hostIPC', 'ephemeralContainers']),
    ...restrictedContainers(podSpec, 'initContainers'),
    ...restrictedContainers(podSpec, 'containers'),
    ...restrictedVolumes(podSpec),
    securityContext: { ...allowedContext(context), seccompProfile: allowedProfile(objectAt(context, 'seccompProfile')) },
  };
};

/** AppArmor profiles were annotations before they were fields, and still count: what the level allows in the field it allows here. */
export const restrictedAnnotations = (annotations: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations).filter(
      ([name, profile]) => !name.startsWith('container.apparmor.security.beta.kubernetes.io/') || profile === 'runtime/default' || profile.startsWith('localhost/'),
    ),
  );
