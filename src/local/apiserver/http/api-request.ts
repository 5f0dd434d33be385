/**
 * A request as handlers see it.
 *
 * @module
 */
import type { EngineParts, Target, WriteContext } from '../engine/context.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { Query } from './query.ts';
import type { ResourcePath } from './request-path.ts';

export interface ReadRequest {
  readonly parts: EngineParts;
  readonly definition: KindDefinition;
  readonly path: ResourcePath;
  readonly query: Query;
  readonly context: WriteContext;
  readonly accept: string;
  readonly contentType: string;
}

export interface ApiRequest extends ReadRequest {
  readonly body: unknown;
}

/** Where the request's object is. */
export const targetOf = ({ path }: ReadRequest): Target => ({ namespace: path.namespace, name: path.name });
