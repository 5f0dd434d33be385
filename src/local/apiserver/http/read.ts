/**
 * GET: one object, a list, a watch.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import type { WatchEvent } from '../../../runtime/ports.ts';
import { readScale } from '../engine/scale.ts';
import { readObject } from '../engine/update.ts';
import type { Fields } from '../json.ts';
import { listPage } from '../storage/listing.ts';
import { StatusError } from '../status-error.ts';
import { startWatch, type WatchRequest } from '../storage/watching.ts';
import { presenterFor } from '../table/present.ts';
import { targetOf, type ReadRequest } from './api-request.ts';
import { send } from './respond.ts';

/** Answers a GET. A watch keeps the response open. */
export const handleRead = (request: ReadRequest, response: ServerResponse): Promise<void> | void => {
  const { path, query } = request;
  if (path.name === '') return query.watch === true || path.watch ? streamWatch(request, response) : sendList(request, response);
  if (query.watch === true || path.watch) {
    const named = { ...request, query: { ...query, fieldSelector: `metadata.name=${path.name}` } };
    return streamWatch(named, response);
  }
  const object = readObject(request.parts, request.definition, targetOf(request));
  if (path.subresource === 'scale') return send(response, { code: 200, body: readScale(request.definition, object) });
  const present = presenterFor(request.definition, request.accept, request.parts.now);
  send(response, { code: 200, body: present.one(object) });
};

const selectionOf = ({ path, query }: ReadRequest) => ({
  namespace: path.namespace,
  labelSelector: query.labelSelector,
  fieldSelector: query.fieldSelector,
});

const sendList = (request: ReadRequest, response: ServerResponse): void => {
  const { parts, definition, query } = request;
  const page = listPage(parts.storage, definition, {
    ...selectionOf(request),
    limit: query.limit,
    continueToken: query.continue,
    resourceVersion: query.resourceVersion,
  });
  const metadata: Fields = {
    resourceVersion: page.resourceVersion,
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken, remainingItemCount: page.remaining }),
  };
  const present = presenterFor(definition, request.accept, parts.now);
  send(response, { code: 200, body: present.many(page.items, metadata) });
};

/** A real server ends a watch after 30 to 60 minutes when the client does not say when. */
const defaultWatchSeconds = 1800;

/** A real server reports an outdated revision inside the stream, as its only line; every other refusal is an answer of its own. */
const beginWatch = ({ parts, definition }: ReadRequest, watch: WatchRequest): AsyncIterable<WatchEvent> | StatusError => {
  try {
    return startWatch(parts.storage, definition, watch);
  } catch (error) {
    if (error instanceof StatusError && error.code === 410) return error;
    throw error;
  }
};

const streamWatch = async (request: ReadRequest, response: ServerResponse): Promise<void> => {
  const { parts, definition, query } = request;
  if (query.sendInitialEvents === true) {
    throw new StatusError(422, 'Invalid', 'sendInitialEvents is not supported by the embedded API server; list first, then watch');
  }
  const closed = new AbortController();
  response.on('close', () => closed.abort());
  const present = presenterFor(definition, request.accept, parts.now);
  const events = beginWatch(request, {
    ...selectionOf(request),
    resourceVersion: query.resourceVersion ?? '',
    timeoutMs: (query.timeoutSeconds ?? defaultWatchSeconds) * 1000,
    bookmarks: query.allowWatchBookmarks ?? false,
    signal: closed.signal,
  });
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  if (events instanceof StatusError) {
    response.end(`${JSON.stringify({ type: 'ERROR', object: events.toStatus() })}\n`);
    return;
  }
  for await (const { type, object } of events) {
    const shown = type === 'BOOKMARK' ? present.bookmark(object) : present.one(object);
    const flushed = response.write(`${JSON.stringify({ type, object: shown })}\n`);
    // A reader that stalls holds back its own watch only; what waits for it is bounded there.
    if (!flushed && !response.destroyed) await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off('drain', go);
        response.off('close', go);
        resolve();
      };
      response.on('drain', go);
      response.on('close', go);
    });
  }
  response.end();
};

