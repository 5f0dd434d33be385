/**
 * Collection of objects whose owners are gone, as kube-controller-manager does it.
 *
 * @module
 */
import { at, clone, fieldsOf, listOf, textOf, type Fields } from '../json.ts';
import { resourceKey, type KindDefinition } from '../kinds/definition.ts';
import type { Change } from '../storage/storage.ts';
import { metaOf } from '../storage/stored-object.ts';
import type { EngineParts, Target, WriteContext } from './context.ts';
import { deleteObject, foregroundFinalizer, orphanFinalizer } from './delete.ts';
import { quietly } from './quietly.ts';
import { updateObject } from './update.ts';

const uidOf = (object: Fields): string => textOf(at(object, 'metadata', 'uid'));
const targetOf = (object: Fields): Target => ({
  namespace: textOf(at(object, 'metadata', 'namespace')),
  name: textOf(at(object, 'metadata', 'name')),
});
const ownersOf = (object: Fields): readonly Fields[] => listOf(at(object, 'metadata', 'ownerReferences')).map(fieldsOf);
const finalizersOf = (object: Fields): readonly unknown[] => listOf(at(object, 'metadata', 'finalizers'));

const context: WriteContext = { manager: 'garbage-collector', dryRun: false, subresource: '', unknownFields: 'Ignore', warnings: [] };

/**
 * Starts collecting in the background, after each write.
 *
 * @returns a function that stops it.
 */
export const startGarbageCollector = (parts: EngineParts): (() => void) => {
  let scheduled: NodeJS.Immediate | undefined;
  const schedule = (): void => {
    scheduled ??= setImmediate(() => {
      scheduled = undefined;
      collect(parts);
    });
  };
  const unsubscribe = parts.storage.subscribe((_resource, change) => {
    if (concerns(change)) schedule();
  });
  return () => {
    unsubscribe();
    if (scheduled !== undefined) clearImmediate(scheduled);
  };
};

/** Only deletions, marked objects and objects with owners can give the collector work. */
const concerns = ({ type, object }: Change): boolean =>
  type === 'DELETED' || at(object, 'metadata', 'deletionTimestamp') !== undefined || (type === 'ADDED' && ownersOf(object).length > 0);

interface Found {
  readonly definition: KindDefinition;
  readonly object: Fields;
}

const everything = ({ storage, kinds }: EngineParts): readonly Found[] =>
  kinds.all().flatMap((definition) => storage.list(resourceKey(definition.type), '').map((object) => ({ definition, object })));

const collect = (parts: EngineParts): void => {
  const all = everything(parts);
  const byUid = new Map(all.map((found) => [uidOf(found.object), found]));
  for (const found of all) {
    const owners = ownersOf(found.object);
    if (owners.length > 0) collectDependent(parts, found, owners.map(({ uid }) => byUid.get(textOf(uid))));
    if (at(found.object, 'metadata', 'deletionTimestamp') !== undefined) finishOwner(parts, found, all);
  }
};

const isForeground = (found: Found | undefined): boolean =>
  found !== undefined &&
  at(found.object, 'metadata', 'deletionTimestamp') !== undefined &&
  finalizersOf(found.object).includes(foregroundFinalizer);

/** A dependent goes when every owner is gone, or waits in the foreground for it. */
const collectDependent = (parts: EngineParts, found: Found, owners: readonly (Found | undefined)[]): void => {
  if (at(found.object, 'metadata', 'deletionTimestamp') !== undefined) return;
  if (!owners.every((owner) => owner === undefined || isForeground(owner))) return;
  const foreground = owners.some((owner) => owner !== undefined);
  quietly(() =>
    deleteObject(parts, found.definition, {
      target: targetOf(found.object),
      uid: uidOf(found.object),
      propagation: foreground ? 'Foreground' : 'Background',
    }),
  );
};

const finishOwner = (parts: EngineParts, owner: Found, all: readonly Found[]): void => {
  const finalizers = finalizersOf(owner.object);
  const dependents = all.filter(({ object }) => ownersOf(object).some(({ uid }) => uid === uidOf(owner.object)));
  if (finalizers.includes(orphanFinalizer)) {
    for (const dependent of dependents) release(parts, dependent, uidOf(owner.object));
    removeFinalizer(parts, owner, orphanFinalizer);
  } else if (finalizers.includes(foregroundFinalizer) && !dependents.some(({ object }) => blocks(object, uidOf(owner.object)))) {
    removeFinalizer(parts, owner, foregroundFinalizer);
  }
};

const blocks = (dependent: Fields, uid: string): boolean =>
  ownersOf(dependent).some((reference) => reference['uid'] === uid && reference['blockOwnerDeletion'] === true);

const release = (parts: EngineParts, { definition, object }: Found, uid: string): void =>
  rewrite(parts, definition, object, (metadata) => {
    metadata['ownerReferences'] = ownersOf(object).filter((reference) => reference['uid'] !== uid);
  });

const removeFinalizer = (parts: EngineParts, { definition, object }: Found, finalizer: string): void =>
  rewrite(parts, definition, object, (metadata) => {
    metadata['finalizers'] = finalizersOf(object).filter((name) => name !== finalizer);
  });

const rewrite = (parts: EngineParts, definition: KindDefinition, object: Fields, change: (metadata: Fields) => void): void =>
  quietly(() =>
    updateObject(
      parts,
      definition,
      {
        target: targetOf(object),
        change: (old) => {
          const next = clone(old);
          change(metaOf(next));
          return next;
        },
      },
      context,
    ),
  );
