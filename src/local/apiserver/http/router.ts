/**
 * From a request to its handler.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerDocument } from '../discovery/documents.ts';
import type { EngineParts } from '../engine/context.ts';
import { requireKind } from '../kinds/registry.ts';
import { methodNotAllowed, StatusError } from '../status-error.ts';
import { parseBody, readBody } from './body.ts';
import { handleRead } from './read.ts';
import { parseQuery, writeContext } from './query.ts';
import { parseResourcePath, type ResourcePath } from './request-path.ts';
import { send, type Answer } from './respond.ts';
import type { ApiRequest, ReadRequest } from './api-request.ts';
import { handleDelete, handleDeleteCollection, handlePost, handlePut } from './write.ts';
import { handlePatch } from './patch.ts';

const subresources = new Set(['', 'status', 'scale']);

const checkSubresource = ({ plural, subresource }: ResourcePath): void => {
  if (!subresources.has(subresource)) throw methodNotAllowed(`${plural}/${subresource}`);
};

const writers: Readonly<Record<string, (request: ApiRequest) => Answer>> = {
  POST: handlePost,
  PUT: handlePut,
  PATCH: handlePatch,
  DELETE: handleDelete,
};

const readRequest = (parts: EngineParts, path: ResourcePath, url: URL, headers: IncomingMessage['headers']): ReadRequest => {
  checkSubresource(path);
  const query = parseQuery(url);
  return {
    parts,
    definition: requireKind(parts.kinds, path),
    path,
    query,
    context: writeContext(query, headers['user-agent'], path.subresource),
    accept: headers.accept ?? '',
    contentType: headers['content-type'] ?? 'application/json',
  };
};

/** Answers one authenticated request. Throws StatusError for what is refused. */
export const route = async (parts: EngineParts, message: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(message.url ?? '/', 'https://localhost');
  const method = message.method ?? 'GET';
  const path = parseResourcePath(url.pathname);
  if (path === undefined) {
    const document = method === 'GET' ? answerDocument(parts, url.pathname, message.headers.accept ?? '') : undefined;
    if (document === undefined) throw new StatusError(404, 'NotFound', `the embedded API server has no ${url.pathname}`);
    return send(response, document);
  }
  const request = readRequest(parts, path, url, message.headers);
  if (method === 'GET') return handleRead(request, response);
  const write = method === 'DELETE' && path.name === '' ? handleDeleteCollection : writers[method];
  if (write === undefined) throw methodNotAllowed(method);
  const answer = write({ ...request, body: parseBody(await readBody(message), request.contentType) });
  send(response, { ...answer, warnings: request.context.warnings });
};
