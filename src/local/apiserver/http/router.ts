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
import type { ApiRequest } from './api-request.ts';
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
  checkSubresource(path);
  const definition = requireKind(parts.kinds, path);
  const query = parseQuery(url);
  const contentType = message.headers['content-type'] ?? 'application/json';
  const context = writeContext(query, message.headers['user-agent'], path.subresource);
  const base = { parts, definition, path, query, context, accept: message.headers.accept ?? '', contentType };
  if (method === 'GET') return handleRead(base, response);
  const body = parseBody(await readBody(message), contentType);
  const write = method === 'DELETE' && path.name === '' ? handleDeleteCollection : writers[method];
  if (write === undefined) throw methodNotAllowed(method);
  const answer = write({ ...base, body });
  send(response, { ...answer, warnings: context.warnings });
};
