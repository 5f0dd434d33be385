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
    ...without(context, loosening),
    ...Object.fromEntries(profiles.map((field) => [field, allowedProfile(objectAt(context, field))])),
    runAsNonRoot: true,
  };
};

const withoutHostPorts = ({ ports }: JsonObject): JsonObject =>
  Array.isArray(ports) ? { ports: ports.map((port: unknown) => (isJsonObject(port) ? without(port, ['hostPort', 'hostIP']) : port)) } : {};

const restrictedContainer = (container: unknown): unknown => {
  if (!isJsonObject(container)) return container;
  const context = objectAt(container, 'securityContext');
  return {
    ...container,
    ...withoutHostPorts(container),
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
