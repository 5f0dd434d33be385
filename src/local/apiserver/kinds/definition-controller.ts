/**
 * Serves the kinds of custom resource definitions as these come, change and go.
 *
 * @module
 */
import type { EngineParts } from '../engine/context.ts';
import { at, textOf, type Fields } from '../json.ts';
import { kindsOf } from './custom-resource.ts';
import { resourceKey } from './definition.ts';

const isDefinition = (object: Fields): boolean => object['kind'] === 'CustomResourceDefinition';

/** Starts the controller; the returned function stops it. */
export const startDefinitionController = ({ storage, kinds }: EngineParts): (() => void) =>
  storage.subscribe((_resource, { type, object }) => {
    if (!isDefinition(object)) return;
    const group = textOf(at(object, 'spec', 'group'));
    const plural = textOf(at(object, 'spec', 'names', 'plural'));
    if (type !== 'DELETED') {
      for (const kind of kindsOf(object)) kinds.add(kind);
      return;
    }
    for (const instance of storage.list(resourceKey({ group, plural }), '')) {
      storage.remove(
        resourceKey({ group, plural }),
        textOf(at(instance, 'metadata', 'namespace')),
        textOf(at(instance, 'metadata', 'name')),
      );
    }
    kinds.remove(group, plural);
  });
