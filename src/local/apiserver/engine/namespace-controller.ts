/**
 * A namespace takes its content with it when it is deleted.
 *
 * @module
 */
import { at, textOf, type Fields } from '../json.ts';
import { resourceKey } from '../kinds/definition.ts';
import type { EngineParts } from './context.ts';
import { deleteObject } from './delete.ts';
import { quietly } from './quietly.ts';

/** Starts the controller; the returned function stops it. */
export const startNamespaceController = (parts: EngineParts): (() => void) => {
  const stop = parts.storage.subscribe((_resource, { type, object }) => {
    // Removal of a namespace's content is not nested into the write that asked for it.
    if (type === 'DELETED' && object['kind'] === 'Namespace') setImmediate(() => empty(parts, object));
  });
  return stop;
};

const empty = (parts: EngineParts, namespace: Fields): void => {
  const name = textOf(at(namespace, 'metadata', 'name'));
  for (const definition of parts.kinds.all()) {
    if (!definition.type.namespaced) continue;
    for (const object of parts.storage.list(resourceKey(definition.type), name)) {
      const target = { namespace: name, name: textOf(at(object, 'metadata', 'name')) };
      quietly(() => deleteObject(parts, definition, { target }));
    }
  }
};
