/**
 * The scale subresource: replicas of a kind, whatever its shape.
 *
 * @module
 */
import type { KindDefinition, ScalePaths } from '../kinds/definition.ts';
import { at, clone, fieldsOf, isFields, textOf, type Fields } from '../json.ts';
import { metaOf } from '../storage/stored-object.ts';
import { badRequest, conflict, methodNotAllowed, StatusError } from '../status-error.ts';

const pathsOf = (definition: KindDefinition): ScalePaths => {
  if (definition.scale === undefined) throw methodNotAllowed(`scale of ${definition.type.plural}`);
  return definition.scale;
};

/** A LabelSelector as text, in the order in which a real server writes it. */
const selectorText = (selector: unknown): string => {
  if (typeof selector === 'string') return selector;
  const pairs = Object.entries(fieldsOf(fieldsOf(selector)['matchLabels'])).map(([key, value]) => `${key}=${textOf(value)}`);
  return pairs.toSorted().join(',');
};

/**
 * The Scale object of an object.
 *
 * @throws StatusError 500 when a custom resource has no replicas set: without a number there is nothing to show.
 */
export const readScale = (definition: KindDefinition, object: Fields): Fields => {
  const paths = pathsOf(definition);
  const replicas = at(object, ...paths.specReplicas);
  if (replicas === undefined && definition.custom) {
    throw new StatusError(500, 'InternalError', `the spec replicas field ".${paths.specReplicas.join('.')}" does not exist`);
  }
  const metadata = fieldsOf(object['metadata']);
  const kept = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp'].map((name) => [name, metadata[name]]);
  const selector = paths.selector === undefined ? '' : selectorText(at(object, ...paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(kept),
    spec: { replicas: replicas ?? 0 },
    status: { replicas: at(object, ...paths.statusReplicas) ?? 0, ...(selector === '' ? {} : { selector }) },
  };
};

/** The change of the object that a Scale asks for. Throws StatusError 400 or 409 when the Scale is unfit or outdated. */
export const scaleChange =
  (definition: KindDefinition, scale: unknown) =>
  (old: Fields): Fields => {
    const replicas = at(scale, 'spec', 'replicas') ?? 0;
    const version = textOf(at(scale, 'metadata', 'resourceVersion'));
    if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
      throw badRequest(`spec.replicas: Invalid value: ${JSON.stringify(replicas)}: must be an integer greater than or equal to 0`);
    }
    if (version !== '' && version !== at(old, 'metadata', 'resourceVersion')) {
      throw conflict(definition.type, textOf(at(old, 'metadata', 'name')), 'the object has been modified; please apply your changes to the latest version and try again');
    }
    const next = clone(old);
    const path = [...pathsOf(definition).specReplicas];
    const last = path.pop() ?? 'replicas';
    let here = next;
    for (const name of path) {
      const below = here[name];
      const fields = isFields(below) ? below : {};
      here[name] = fields;
      here = fields;
    }
    here[last] = replicas;
    delete metaOf(next)['managedFields'];
    return next;
  };

