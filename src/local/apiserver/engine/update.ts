/**
 * Changes of objects: replace, patches and server-side apply end here.
 *
 * @module
 */
import { applyConfiguration, ownershipAfterUpdate, sameButTimes } from '../apply/apply.ts';
import { at, clone, fieldsOf, jsonEqual, listOf, setOrDelete, textOf, without, type Fields } from '../json.ts';
import { resourceKey, type KindDefinition } from '../kinds/definition.ts';
import { metaOf } from '../storage/stored-object.ts';
import { badRequest, conflict, invalid, notFound, staleWrite } from '../status-error.ts';
import { invalidValue } from '../schema/causes.ts';
import { dropUnknown, fillDefaults, identify, ownCopy, validate } from './admit.ts';
import type { EngineParts, Target, WriteContext } from './context.ts';
import { createApplied, writerOf } from './create.ts';

/** The stored object. Throws StatusError 404. */
export const readObject = ({ storage }: EngineParts, definition: KindDefinition, { namespace, name }: Target): Fields => {
  const object = storage.get(resourceKey(definition.type), namespace, name);
  if (object === undefined) throw notFound(definition.type, name);
  return object;
};

const checkPreconditions = (definition: KindDefinition, next: Fields, old: Fields): void => {
  const name = textOf(at(old, 'metadata', 'name'));
  const version = textOf(at(next, 'metadata', 'resourceVersion'));
  const uid = textOf(at(next, 'metadata', 'uid'));
  if (version !== '' && version !== at(old, 'metadata', 'resourceVersion')) throw staleWrite(definition.type, name);
  if (uid !== '' && uid !== at(old, 'metadata', 'uid')) {
    throw conflict(
      definition.type,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${textOf(at(old, 'metadata', 'uid'))}`,
    );
  }
};

const serverMetadata = ['uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation'];

/** What a client cannot change through the main resource or through /status comes from the stored object. */
const keepServerFields = (definition: KindDefinition, next: Fields, old: Fields, context: WriteContext): void => {
  if (context.subresource === 'status') {
    const managedFields = metaOf(next)['managedFields'];
    const status = next['status'];
    for (const name of Object.keys(next)) delete next[name];
    Object.assign(next, clone(old));
    setOrDelete(next, 'status', status);
    setOrDelete(metaOf(next), 'managedFields', managedFields);
    return;
  }
  const metadata = metaOf(next);
  for (const name of serverMetadata) setOrDelete(metadata, name, at(old, 'metadata', name));
  if (definition.hasStatus) setOrDelete(next, 'status', clone(old['status']));
  definition.strategy.beforeUpdate?.(next, old);
};

const content = (object: Fields): Fields => without(object, 'metadata', 'status', 'apiVersion', 'kind');

const annotations = (object: Fields): unknown => at(object, 'metadata', 'annotations');

const countGeneration = ({ strategy }: KindDefinition, next: Fields, old: Fields): void => {
  const annotated = strategy.countsAnnotations === true && !jsonEqual(annotations(next), annotations(old));
  if (!strategy.countsGeneration || (jsonEqual(content(next), content(old)) && !annotated)) return;
  metaOf(next)['generation'] = Number(at(old, 'metadata', 'generation') ?? 0) + 1;
};

/** An object on its way out goes when its last finalizer does (a pod also waits for its kubelet). */
const isFinished = (object: Fields): boolean =>
  at(object, 'metadata', 'deletionTimestamp') !== undefined &&
  listOf(at(object, 'metadata', 'finalizers')).length === 0 &&
  Number(at(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0) === 0;

const store = (parts: EngineParts, definition: KindDefinition, next: Fields, old: Fields, context: WriteContext): Fields => {
  if (sameButTimes(next, old)) return old;
  if (context.dryRun) return next;
  const resource = resourceKey(definition.type);
  const stored = parts.storage.put(resource, next);
  if (!isFinished(stored)) return stored;
  parts.storage.remove(resource, textOf(at(stored, 'metadata', 'namespace')), textOf(at(stored, 'metadata', 'name')));
  return stored;
};

/** An empty list of managedFields is how a client asks to forget them; none at all keeps them. */
const startingOwnership = (next: Fields, old: Fields): void => {
  const metadata = metaOf(next);
  const given = metadata['managedFields'];
  if (given === undefined) setOrDelete(metadata, 'managedFields', at(old, 'metadata', 'managedFields'));
};

export interface Change {
  readonly target: Target;
  /** The new object from the stored one; called with a frozen value. */
  readonly change: (old: Fields) => unknown;
  /** PUT needs a resourceVersion for kinds that do not allow unconditional updates: all custom resources. */
  readonly requireVersion?: boolean;
}

/**
 * Replaces the stored object by what `change` makes of it.
 *
 * @returns the stored object; the very same when nothing changed.
 * @throws StatusError 404, 409, 422.
 */
export const updateObject = (
  parts: EngineParts,
  definition: KindDefinition,
  { target, change, requireVersion = false }: Change,
  context: WriteContext,
): Fields => {
  const old = readObject(parts, definition, target);
  const body = ownCopy(change(old));
  identify(definition, body, target);
  if (requireVersion && definition.custom && textOf(metaOf(body)['resourceVersion']) === '') {
    throw invalid(definition.type, target.name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
  checkPreconditions(definition, body, old);
  const next = dropUnknown(definition, body, context);
  startingOwnership(next, old);
  keepServerFields(definition, next, old, context);
  fillDefaults(definition, next);
  countGeneration(definition, next, old);
  validate(definition, next, old);
  metaOf(next)['managedFields'] = ownershipAfterUpdate(definition.schema, old, next, writerOf(parts, definition, context));
  return store(parts, definition, next, old, context);
};

/** What an applier may own through this door: everything but status, or status alone. */
const applicable = (definition: KindDefinition, config: Fields, context: WriteContext): Fields => {
  const metadata = fieldsOf(config['metadata']);
  if (context.subresource === 'status') {
    const { apiVersion, kind, status } = config;
    return { apiVersion, kind, metadata: { name: metadata['name'] }, ...(status === undefined ? {} : { status }) };
  }
  const own = { ...config, metadata: without(metadata, ...serverMetadata, 'managedFields') };
  return definition.hasStatus ? without(own, 'status') : own;
};

export interface ApplyRequest {
  readonly target: Target;
  readonly body: unknown;
  readonly force: boolean;
}

/**
 * Server-side apply: creates the object or merges the configuration into it.
 *
 * @throws StatusError 400, 404 (status of an object that is not there), 409 (conflicting managers, stale resourceVersion), 422.
 */
export const applyObject = (
  parts: EngineParts,
  definition: KindDefinition,
  { target, body, force }: ApplyRequest,
  context: WriteContext,
): Fields => {
  const own = ownCopy(body);
  identify(definition, own, target);
  if (listOf(metaOf(own)['managedFields']).length > 0) throw badRequest('metadata.managedFields must be nil');
  const config = dropUnknown(definition, own, context);
  const old = parts.storage.get(resourceKey(definition.type), target.namespace, target.name);
  const writer = writerOf(parts, definition, context);
  const wanted = applicable(definition, config, context);
  if (old === undefined) {
    const fresh = applyConfiguration(definition.schema, { metadata: {} }, wanted, writer, force);
    const given = fieldsOf(config['metadata']);
    const object = withManagers(fresh.object, fresh.managedFields);
    for (const name of ['uid', 'resourceVersion']) setOrDelete(metaOf(object), name, given[name]);
    metaOf(object)['namespace'] = target.namespace;
    if (!definition.type.namespaced) delete metaOf(object)['namespace'];
    return createApplied(parts, definition, object, context);
  }
  checkPreconditions(definition, config, old);
  const merged = applyConfiguration(definition.schema, old, wanted, writer, force);
  const next = withManagers(merged.object, merged.managedFields);
  keepServerFields(definition, next, old, context);
  fillDefaults(definition, next);
  countGeneration(definition, next, old);
  validate(definition, next, old);
  return store(parts, definition, next, old, context);
};

const withManagers = (object: Fields, managedFields: readonly Fields[]): Fields => {
  const copy = clone(object);
  metaOf(copy)['managedFields'] = managedFields;
  return copy;
};
