/**
 * Lists in pages.
 *
 * @module
 */
import * as z from 'zod';
import type { KindDefinition } from '../kinds/definition.ts';
import { resourceKey } from '../kinds/definition.ts';
import { at, textOf, type Fields } from '../json.ts';
import { badRequest, expired, StatusError } from '../status-error.ts';
import { fieldMatcher, labelMatcher, type Matcher } from './selectors.ts';
import type { Storage } from './storage.ts';
import { objectKey } from './stored-object.ts';

export interface Selection {
  readonly namespace: string;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListRequest extends Selection {
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface ListResult {
  readonly resourceVersion: string;
  readonly items: readonly Fields[];
  readonly continueToken?: string;
  readonly remaining?: number;
}

const tokenSchema = z.object({ rv: z.number(), start: z.string() });

const decodeToken = (token: string): z.infer<typeof tokenSchema> => {
  try {
    return tokenSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw badRequest('continue key is not valid');
  }
};
const encodeToken = (rv: number, start: string): string =>
  Buffer.from(JSON.stringify({ rv, start })).toString('base64url');

/** Matcher of both selectors of a request. Throws StatusError 400 when one is not understood. */
export const selectionMatcher = (definition: KindDefinition, selection: Selection): Matcher => {
  const byLabel = labelMatcher(selection.labelSelector);
  const byField = fieldMatcher(selection.fieldSelector, [
    'metadata.name',
    'metadata.namespace',
    ...definition.selectableFields,
  ]);
  return (object) => byLabel(object) && byField(object);
};

const keyOf = (object: Fields): string =>
  objectKey(textOf(at(object, 'metadata', 'namespace')), textOf(at(object, 'metadata', 'name')));

const readToken = (storage: Storage, resource: string, text: string): z.infer<typeof tokenSchema> | undefined => {
  if (text === '') return undefined;
  const token = decodeToken(text);
  if (storage.changesSince(resource, token.rv) !== undefined) return token;
  throw expired('The provided continue parameter is too old to display a consistent list result. Start the list again without it.');
};

const refuseFuture = (storage: Storage, resourceVersion: string): void => {
  if (resourceVersion === '' || Number(resourceVersion) <= storage.revision()) return;
  throw new StatusError(504, 'Timeout', `Too large resource version: ${resourceVersion}, current: ${storage.revision()}`, {
    retryAfterSeconds: 1,
  });
};

/**
 * One page of a list. Pages after the first show the present state from where the last one ended.
 * Nothing is lost by that: a watch from the first page's revision tells what changed meanwhile.
 *
 * @throws StatusError 400 on a bad token, 410 when the history no longer reaches back to the first page,
 *   504 when the caller has seen a later revision than there is.
 */
export const listPage = (storage: Storage, definition: KindDefinition, request: ListRequest): ListResult => {
  const resource = resourceKey(definition.type);
  const token = readToken(storage, resource, request.continueToken ?? '');
  refuseFuture(storage, request.resourceVersion ?? '');
  const matches = selectionMatcher(definition, request);
  const all = storage.list(resource, request.namespace).filter(matches);
  const rest = token === undefined ? all : all.filter((object) => keyOf(object) > token.start);
  const rv = token?.rv ?? storage.revision();
  const limit = request.limit ?? 0;
  if (limit <= 0 || rest.length <= limit) return { resourceVersion: String(rv), items: rest };
  const items = rest.slice(0, limit);
  const start = items.slice(-1).map(keyOf).join('');
  return { resourceVersion: String(rv), items, continueToken: encodeToken(rv, start), remaining: rest.length - limit };
};
