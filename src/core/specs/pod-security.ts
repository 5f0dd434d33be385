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

/** The restricted level allows one added capability, binding to ports under 1024. */
const allowedCapabilities = (capabilities: JsonObject): JsonObject => {
  const { add } = capabilities;
  const kept = Array.isArray(add) && add.includes('NET_BIND_SERVICE') ? { add: ['NET_BIND_SERVICE'] } : {};
  return { drop: ['ALL'], ...kept };
};

/** A profile from the node is as good as the runtime's own; `Unconfined` is none. */
const allowedSeccomp = (profile: JsonObject): JsonObject => (profile['type'] === 'Localhost' ? profile : { type: 'RuntimeDefault' });

const without = (object: JsonObject, ...fields: string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));

const restrictedContainer = (container: unknown): unknown => {
  if (!isJsonObject(container)) return container;
  const context = objectAt(container, 'securityContext');
  return {
    ...container,
    securityContext: {
      ...without(context, 'privileged', 'procMount', ...(context['seccompProfile'] === undefined ? [] : ['seccompProfile'])),
      ...(context['seccompProfile'] === undefined ? {} : { seccompProfile: allowedSeccomp(objectAt(context, 'seccompProfile')) }),
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: allowedCapabilities(objectAt(context, 'capabilities')),
    },
  };
};

const restrictedContainers = (podSpec: JsonObject, field: string): JsonObject => {
  const containers = podSpec[field];
  return Array.isArray(containers) ? { [field]: containers.map(restrictedContainer) } : {};
};

/** The pod spec with everything set or removed that the restricted level asks of pod and containers. */
export const restricted = (podSpec: JsonObject): JsonObject => {
  const context = objectAt(podSpec, 'securityContext');
  return {
    ...without(podSpec, 'hostNetwork', 'hostPID', 'hostIPC'),
    ...restrictedContainers(podSpec, 'initContainers'),
    ...restrictedContainers(podSpec, 'containers'),
    securityContext: { ...context, runAsNonRoot: true, seccompProfile: allowedSeccomp(objectAt(context, 'seccompProfile')) },
  };
};
