/**
 * Watches: what happened since a revision, then what happens, with bookmarks.
 *
 * @module
 */
import type { WatchEvent } from '../../../runtime/ports.ts';
import { apiVersionOf, resourceKey, type KindDefinition } from '../kinds/definition.ts';
import type { Fields } from '../json.ts';
import { expired, badRequest } from '../status-error.ts';
import { selectionMatcher, type Selection } from './listing.ts';
import type { Matcher } from './selectors.ts';
import type { Change, Storage } from './storage.ts';
import { asKubeObject } from './stored-object.ts';

export interface WatchRequest extends Selection {
  readonly resourceVersion: string;
  readonly timeoutMs: number;
  readonly bookmarks: boolean;
  readonly signal?: AbortSignal;
}

/** A real server sends one about once a minute; a quiet kind must not fall out of the history before. */
const bookmarkIntervalMs = 30_000;
/** Events waiting for a reader that does not read; beyond that the watch ends and the reader lists again. */
const maxWaiting = 10_000;

/** A selector turns a change into what a reader of the selection sees: entering is ADDED, leaving is DELETED. */
const toEvent = (change: Change, matches: Matcher): WatchEvent | undefined => {
  const before = change.previous !== undefined && matches(change.previous);
  const after = change.type !== 'DELETED' && matches(change.object);
  if (!before && !after) return undefined;
  const type = before && after ? 'MODIFIED' : after ? 'ADDED' : 'DELETED';
  return { type, object: asKubeObject(change.object) };
};

const bookmark = (definition: KindDefinition, revision: number): WatchEvent => ({
  type: 'BOOKMARK',
  object: {
    apiVersion: apiVersionOf(definition.type),
    kind: definition.type.kind,
    metadata: { resourceVersion: String(revision) },
  },
});

const history = (storage: Storage, definition: KindDefinition, request: WatchRequest, matches: Matcher): WatchEvent[] => {
  const resource = resourceKey(definition.type);
  if (request.resourceVersion === '' || request.resourceVersion === '0') {
    const present = storage.list(resource, request.namespace).filter((object) => matches(object));
    return present.map((object) => ({ type: 'ADDED', object: asKubeObject(object) }));
  }
  const since = Number(request.resourceVersion);
  if (!Number.isSafeInteger(since)) throw badRequest(`Invalid value: "${request.resourceVersion}": resourceVersion must be a number`);
  const changes = storage.changesSince(resource, since);
  if (changes === undefined || since > storage.revision()) {
    throw expired(`too old resource version: ${request.resourceVersion} (${storage.revision()})`);
  }
  return changes.map((change) => toEvent(change, matches)).filter((event) => event !== undefined);
};

/** True for objects of the watched namespace that the selectors select. */
const scoped = (definition: KindDefinition, request: WatchRequest): Matcher => {
  const selected = selectionMatcher(definition, request);
  const inNamespace = (object: Fields): boolean =>
    request.namespace === '' || asKubeObject(object).metadata.namespace === request.namespace;
  return (object) => inNamespace(object) && selected(object);
};

/**
 * Starts a watch. It ends normally after its time, when `signal` aborts or when the reader falls too far behind.
 *
 * @throws StatusError 410 at once when the revision is older than the history, or from another life of the server.
 */
export const startWatch = (storage: Storage, definition: KindDefinition, request: WatchRequest): AsyncIterable<WatchEvent> => {
  const matches = scoped(definition, request);
  const waiting: WatchEvent[] = history(storage, definition, request, matches);
  let ended = request.signal?.aborted ?? false;
  let wake: (() => void) | undefined;
  const poke = (): void => {
    wake?.();
    wake = undefined;
  };
  const end = (): void => {
    ended = true;
    unsubscribe();
    clearTimeout(timeout);
    clearInterval(ticker);
    request.signal?.removeEventListener('abort', abort);
    poke();
  };
  const abort = (): void => {
    waiting.length = 0;
    end();
  };
  const push = (event: WatchEvent | undefined): void => {
    if (event === undefined || ended) return;
    waiting.push(event);
    if (waiting.length > maxWaiting) end();
    else poke();
  };
  const resource = resourceKey(definition.type);
  const unsubscribe = storage.subscribe((changed, change) => {
    if (changed === resource) push(toEvent(change, matches));
  });
  const sendBookmark = (): void => push(bookmark(definition, storage.revision()));
  const timeout = setTimeout(() => {
    // The last bookmark lets the reader resume from here instead of from its last event.
    if (request.bookmarks) sendBookmark();
    end();
  }, request.timeoutMs);
  const ticker = setInterval(() => (request.bookmarks ? sendBookmark() : undefined), bookmarkIntervalMs);
  timeout.unref();
  ticker.unref();
  request.signal?.addEventListener('abort', abort);
  if (ended) abort();

  return (async function* events(): AsyncGenerator<WatchEvent> {
    try {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ended) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      end();
    }
  })();
};
