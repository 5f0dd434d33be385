/**
 * What runs behind the server: garbage collection, the end of namespaces, custom resource definitions coming and going.
 *
 * @module
 */
import { startDefinitionController } from '../kinds/definition-controller.ts';
import type { EngineParts } from './context.ts';
import { startGarbageCollector } from './garbage-collector.ts';
import { startNamespaceController } from './namespace-controller.ts';

/** Starts all of them; the returned function stops them. */
export const startControllers = (parts: EngineParts): (() => void) => {
  const stops = [startDefinitionController(parts), startGarbageCollector(parts), startNamespaceController(parts)];
  return () => {
    for (const stop of stops) stop();
  };
};
