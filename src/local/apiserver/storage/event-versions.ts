/**
 * Events have two faces, core `v1` and `events.k8s.io/v1`, and one place where they are kept: the core form.
 *
 * @module
 */
import { without, type Fields } from '../json.ts';
import type { Change, Storage } from './storage.ts';

/** Names of the same field: core, then events.k8s.io. */
const renamed: readonly (readonly [core: string, newer: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

const rename = (object: Fields, apiVersion: string, pairs: readonly (readonly [from: string, to: string])[]): Fields => {
  const next: Fields = without(object, ...pairs.map(([from]) => from));
  for (const [from, to] of pairs) if (object[from] !== undefined) next[to] = object[from];
  return { ...next, apiVersion };
};

/** An event as events.k8s.io/v1 shows it. */
const toNewerEvent = (event: Fields): Fields => rename(event, 'events.k8s.io/v1', renamed);

/** An event as it is kept. */
export const toCoreEvent = (event: Fields): Fields =>
  rename(
    event,
    'v1',
    renamed.map(([core, newer]) => [newer, core] as const),
  );

const coreResource = 'events.';
const newerResource = 'events.events.k8s.io';

const convertChange = ({ object, previous, ...rest }: Change): Change => ({
  ...rest,
  object: toNewerEvent(object),
  ...(previous === undefined ? {} : { previous: toNewerEvent(previous) }),
});

const converted = (event: Fields | undefined): Fields | undefined => (event === undefined ? undefined : toNewerEvent(event));

/** The storage with a second view of its events. */
export const withEventVersions = (storage: Storage): Storage => ({
  revision: () => storage.revision(),
  get: (resource, namespace, name) =>
    resource === newerResource ? converted(storage.get(coreResource, namespace, name)) : storage.get(resource, namespace, name),
  list: (resource, namespace) =>
    resource === newerResource ? storage.list(coreResource, namespace).map(toNewerEvent) : storage.list(resource, namespace),
  put: (resource, object) =>
    resource === newerResource ? toNewerEvent(storage.put(coreResource, toCoreEvent(object))) : storage.put(resource, object),
  remove: (resource, namespace, name) =>
    resource === newerResource ? converted(storage.remove(coreResource, namespace, name)) : storage.remove(resource, namespace, name),
  changesSince: (resource, revision) =>
    resource === newerResource ? storage.changesSince(coreResource, revision)?.map(convertChange) : storage.changesSince(resource, revision),
  subscribe: (listener) =>
    storage.subscribe((resource, change) => {
      listener(resource, change);
      if (resource === coreResource) listener(newerResource, convertChange(change));
    }),
});
