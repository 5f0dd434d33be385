/**
 * The kinds that are served: the shipped ones and those of custom resource definitions.
 *
 * @module
 */
import type { ResourceType } from '../../../runtime/ports.ts';
import { apiVersionOf, type KindDefinition } from './definition.ts';
import { StatusError } from '../status-error.ts';

export interface KindRegistry {
  /** By place in the URL; undefined when nothing of that name is served. */
  find(group: string, version: string, plural: string): KindDefinition | undefined;
  all(): readonly KindDefinition[];
  add(definition: KindDefinition): void;
  remove(group: string, plural: string): void;
}

export const createKindRegistry = (shipped: readonly KindDefinition[]): KindRegistry => {
  const kinds = new Map<string, KindDefinition>();
  const keyOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;
  const add = (definition: KindDefinition): void => {
    kinds.set(keyOf(definition.type.group, definition.type.version, definition.type.plural), definition);
  };
  for (const definition of shipped) add(definition);
  return {
    find: (group, version, plural) => kinds.get(keyOf(group, version, plural)),
    all: () => [...kinds.values()],
    add,
    remove: (group, plural) => {
      for (const [key, { type }] of kinds) if (type.group === group && type.plural === plural) kinds.delete(key);
    },
  };
};

/** 404 that says what this server is: a missing kind is a missing feature here, not a typo. */
const unknownKind = (type: Pick<ResourceType, 'group' | 'version' | 'plural'>): StatusError =>
  new StatusError(
    404,
    'NotFound',
    `the embedded API server of \`plateau local\` serves no ${type.plural} in ${apiVersionOf(type)}; use a real cluster ` +
      '(--control-plane real, or plateau operator with a kubeconfig) for anything beyond fleets, pods and what they need',
    { ...(type.group === '' ? {} : { group: type.group }), kind: type.plural },
  );

/** The kind, or StatusError 404. */
export const requireKind = (kinds: KindRegistry, type: Pick<ResourceType, 'group' | 'version' | 'plural'>): KindDefinition => {
  const definition = kinds.find(type.group, type.version, type.plural);
  if (definition === undefined) throw unknownKind(type);
  return definition;
};
