/**
 * Creation of objects.
 *
 * @module
 */
import { ownershipAfterUpdate, type Writer } from '../apply/apply.ts';
import { at, isFields, textOf, type Fields } from '../json.ts';
import { apiVersionOf, resourceKey, type KindDefinition } from '../kinds/definition.ts';
import { metaOf } from '../storage/stored-object.ts';
import { alreadyExists, badRequest, notFound, StatusError } from '../status-error.ts';
import { dropUnknown, fillDefaults, identify, ownCopy, validate } from './admit.ts';
import { timestamp, type EngineParts, type Target, type WriteContext } from './context.ts';

/** The alphabet of generated names: no vowels, so that no words come out. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
/** A name is a label of a pod's host name, so that its generated form is cut to 63. */
const maxGeneratedBase = 63 - suffixLength;

const generateName = (base: string, random: () => number): string => {
  const suffix = Array.from({ length: suffixLength }, () => suffixAlphabet[Math.floor(random() * suffixAlphabet.length)] ?? 'b');
  return `${base.slice(0, maxGeneratedBase)}${suffix.join('')}`;
};

const namespaceType = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };

const requireNamespace = ({ storage }: EngineParts, definition: KindDefinition, namespace: string): void => {
  if (!definition.type.namespaced) return;
  const found = storage.get(resourceKey(namespaceType), '', namespace);
  if (found === undefined) throw notFound(namespaceType, namespace);
  if (at(found, 'metadata', 'deletionTimestamp') !== undefined) {
    throw new StatusError(403, 'Forbidden', `unable to create new content in namespace ${namespace} because it is being terminated`);
  }
};

/** Metadata that only the server may set. */
const stampNew = (parts: EngineParts, definition: KindDefinition, object: Fields): void => {
  const metadata = metaOf(object);
  for (const name of ['resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'generation']) delete metadata[name];
  metadata['uid'] = parts.newUid();
  metadata['creationTimestamp'] = timestamp(parts.now());
  if (definition.strategy.countsGeneration) metadata['generation'] = 1;
};

/** The writer of a request, as managedFields knows it. */
export const writerOf = (parts: EngineParts, definition: KindDefinition, context: WriteContext): Writer => ({
  manager: context.manager,
  apiVersion: apiVersionOf(definition.type),
  subresource: context.subresource,
  time: timestamp(parts.now()),
});

/** Turns a checked body into an object that is ready to be stored, without managedFields. */
const prepareNew = (parts: EngineParts, definition: KindDefinition, object: Fields): void => {
  const metadata = metaOf(object);
  if (textOf(metadata['name']) === '' && textOf(metadata['generateName']) !== '') {
    metadata['name'] = generateName(textOf(metadata['generateName']), parts.random);
  }
  if (definition.hasStatus) delete object['status'];
  stampNew(parts, definition, object);
  definition.strategy.beforeCreate?.(object);
  fillDefaults(definition, object);
};

const insert = (parts: EngineParts, definition: KindDefinition, object: Fields, context: WriteContext): Fields => {
  const metadata = metaOf(object);
  const name = textOf(metadata['name']);
  if (parts.storage.get(resourceKey(definition.type), textOf(metadata['namespace']), name) !== undefined) {
    throw alreadyExists(definition.type, name);
  }
  return context.dryRun ? object : parts.storage.put(resourceKey(definition.type), object);
};

/**
 * Creates an object from a client's body.
 *
 * @throws StatusError 400, 404 (namespace), 409 AlreadyExists, 422.
 */
export const createObject = (
  parts: EngineParts,
  definition: KindDefinition,
  { target, body }: { readonly target: Target; readonly body: unknown },
  context: WriteContext,
): Fields => {
  requireNamespace(parts, definition, target.namespace);
  const own = ownCopy(body);
  identify(definition, own, target);
  if (textOf(metaOf(own)['resourceVersion']) !== '') throw badRequest('resourceVersion should not be set on objects to be created');
  const object = dropUnknown(definition, own, context);
  delete metaOf(object)['managedFields'];
  prepareNew(parts, definition, object);
  validate(definition, object);
  metaOf(object)['managedFields'] = ownershipAfterUpdate(definition.schema, { metadata: {} }, object, writerOf(parts, definition, context));
  return insert(parts, definition, object, context);
};

/** Creates an object that server-side apply has put together; its managedFields are already right. */
export const createApplied = (
  parts: EngineParts,
  definition: KindDefinition,
  object: Fields,
  context: WriteContext,
): Fields => {
  const metadata = metaOf(object);
  requireNamespace(parts, definition, textOf(metadata['namespace']));
  if (context.subresource !== '' || isFields(metadata['uid']) || textOf(metadata['uid']) !== '') {
    throw notFound(definition.type, textOf(metadata['name']));
  }
  if (textOf(metadata['resourceVersion']) !== '') throw notFound(definition.type, textOf(metadata['name']));
  prepareNew(parts, definition, object);
  validate(definition, object);
  return insert(parts, definition, object, context);
};
