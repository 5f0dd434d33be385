/**
 * Deletion: preconditions, finalizers, propagation and the grace that a pod gets.
 *
 * @module
 */
import { at, clone, listOf, textOf, type Fields } from '../json.ts';
import { resourceKey, type KindDefinition } from '../kinds/definition.ts';
import { metaOf } from '../storage/stored-object.ts';
import { conflict } from '../status-error.ts';
import { timestamp, type EngineParts, type Target } from './context.ts';
import { readObject } from './update.ts';

export interface DeleteRequest {
  readonly target: Target;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Pods only. 0 removes at once: that is how a kubelet says that the containers are gone. */
  readonly gracePeriodSeconds?: number | undefined;
  readonly dryRun?: boolean;
}

export interface Deleted {
  readonly object: Fields;
  /** False while finalizers or a kubelet keep the object. */
  readonly gone: boolean;
}

/** Finalizers with which the garbage collector does what the caller asked for. */
export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';
const byPropagation = { Foreground: foregroundFinalizer, Orphan: orphanFinalizer } as const;

const checkPreconditions = (definition: KindDefinition, object: Fields, request: DeleteRequest): void => {
  const { uid, resourceVersion } = request;
  const found = { uid: textOf(at(object, 'metadata', 'uid')), rv: textOf(at(object, 'metadata', 'resourceVersion')) };
  const failed =
    uid !== undefined && uid !== found.uid
      ? `UID in precondition: ${uid}, UID in object meta: ${found.uid}`
      : resourceVersion !== undefined && resourceVersion !== found.rv
        ? `ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${found.rv}`
        : undefined;
  if (failed !== undefined) throw conflict(definition.type, request.target.name, `Precondition failed: ${failed}`);
};

/** Seconds that a kubelet gets: none when no kubelet has the pod or its containers have ended. */
const graceOf = (definition: KindDefinition, object: Fields, asked: number | undefined): number => {
  if (definition.type.kind !== 'Pod' || definition.type.group !== '') return 0;
  if (textOf(at(object, 'spec', 'nodeName')) === '') return 0;
  if (['Succeeded', 'Failed'].includes(textOf(at(object, 'status', 'phase')))) return 0;
  return asked ?? Number(at(object, 'spec', 'terminationGracePeriodSeconds') ?? 30);
};

const mark = (parts: EngineParts, object: Fields, grace: number, finalizers: readonly unknown[]): Fields => {
  const next = clone(object);
  const metadata = metaOf(next);
  const first = metadata['deletionTimestamp'] === undefined;
  const before = Number(metadata['deletionGracePeriodSeconds'] ?? grace);
  // A second request may shorten the grace, never lengthen it.
  if (first || grace < before) {
    metadata['deletionTimestamp'] = timestamp(parts.now() + grace * 1000);
    metadata['deletionGracePeriodSeconds'] = grace;
  }
  if (first && metadata['generation'] !== undefined) metadata['generation'] = Number(metadata['generation']) + 1;
  if (finalizers.length > 0) metadata['finalizers'] = finalizers;
  return next;
};

/**
 * Deletes an object, or marks it while something still holds it.
 *
 * @throws StatusError 404, 409 when a precondition fails.
 */
export const deleteObject = (parts: EngineParts, definition: KindDefinition, request: DeleteRequest): Deleted => {
  const object = readObject(parts, definition, request.target);
  checkPreconditions(definition, object, request);
  const extra = request.propagation === undefined || request.propagation === 'Background' ? [] : [byPropagation[request.propagation]];
  const kept = listOf(at(object, 'metadata', 'finalizers')).filter((name) => name !== foregroundFinalizer && name !== orphanFinalizer);
  const asked = request.propagation === undefined ? listOf(at(object, 'metadata', 'finalizers')) : [...kept, ...extra];
  const grace = graceOf(definition, object, request.gracePeriodSeconds);
  const resource = resourceKey(definition.type);
  if (asked.length > 0 || grace > 0) {
    const marked = mark(parts, object, grace, asked);
    return { object: request.dryRun === true ? marked : parts.storage.put(resource, marked), gone: false };
  }
  if (request.dryRun !== true) parts.storage.remove(resource, request.target.namespace, request.target.name);
  return { object, gone: true };
};
