/**
 * CustomResourceDefinitions as objects: defaults, validation, conditions.
 *
 * @module
 */
import { at, fieldsOf, listOf, textOf, type Fields } from '../json.ts';
import { invalidValue } from '../schema/causes.ts';
import { uncompilable } from '../schema/rules.ts';
import type { Cause } from '../status-error.ts';
import { hasSeveralVersions, kindsOf } from './custom-resource.ts';
import type { KindStrategy } from './definition.ts';
import { child, fill } from './pod-defaults.ts';

const names = (object: Fields): Fields => child(child(object, 'spec'), 'names');

const validateName = (object: Fields): readonly Cause[] => {
  const expected = `${textOf(names(object)['plural'])}.${textOf(at(object, 'spec', 'group'))}`;
  const name = at(object, 'metadata', 'name');
  return name === expected ? [] : [invalidValue('metadata.name', name, `must be spec.names.plural+"."+spec.group`)];
};

const validateSchemas = (object: Fields): readonly Cause[] => {
  try {
    return kindsOf(object).flatMap(({ schema }) =>
      uncompilable(schema).map(([path, why]) => invalidValue(`spec.versions[0].schema.openAPIV3Schema${path}`, '', why)),
    );
  } catch (error) {
    return [invalidValue('spec.versions', '', error instanceof Error ? error.message : String(error))];
  }
};

const established = (type: string, reason: string, message: string, time: unknown): Fields => ({
  type,
  status: 'True',
  reason,
  message,
  lastTransitionTime: time,
});

export const customResourceDefinitionStrategy: KindStrategy = {
  countsGeneration: true,
  fillDefaults: (object) => {
    const own = names(object);
    const kind = textOf(own['kind']);
    fill(own, { singular: kind.toLowerCase(), listKind: `${kind}List` });
    fill(child(object, 'spec'), { conversion: { strategy: 'None' } });
  },
  beforeCreate: (object) => {
    const time = at(object, 'metadata', 'creationTimestamp');
    const own = names(object);
    const kind = textOf(own['kind']);
    object['status'] = {
      acceptedNames: { ...own, singular: own['singular'] ?? kind.toLowerCase(), listKind: own['listKind'] ?? `${kind}List` },
      conditions: [
        established('NamesAccepted', 'NoConflicts', 'no conflicts found', time),
        established('Established', 'InitialNamesAccepted', 'the initial names have been accepted', time),
      ],
      storedVersions: listOf(at(object, 'spec', 'versions'))
        .map(fieldsOf)
        .filter((version) => version['storage'] === true)
        .map((version) => version['name']),
    };
  },
  validate: (object) => [
    ...validateName(object),
    ...(hasSeveralVersions(object)
      ? [invalidValue('spec.versions', '', 'the embedded API server converts nothing: define one version, or use a real cluster')]
      : []),
    ...validateSchemas(object),
  ],
};
