/**
 * POST, PUT, DELETE.
 *
 * @module
 */
import * as z from 'zod';
import { createObject } from '../engine/create.ts';
import { deleteObject, type DeleteRequest } from '../engine/delete.ts';
import { readScale, scaleChange } from '../engine/scale.ts';
import { updateObject } from '../engine/update.ts';
import { at, textOf, type Fields } from '../json.ts';
import { presenterFor } from '../table/present.ts';
import { badRequest, methodNotAllowed } from '../status-error.ts';
import { listPage } from '../storage/listing.ts';
import { targetOf, type ApiRequest } from './api-request.ts';
import type { Answer } from './respond.ts';

const present = ({ definition, accept, parts }: ApiRequest, object: Fields): unknown => presenterFor(definition, accept, parts.now).one(object);

export const handlePost = (request: ApiRequest): Answer => {
  const { parts, definition, path, context, body } = request;
  if (path.name !== '') throw methodNotAllowed(`POST to ${path.plural}/${path.subresource === '' ? path.name : path.subresource}`);
  if (definition.type.namespaced && path.namespace === '') throw badRequest('an empty namespace may not be set during creation');
  const object = createObject(parts, definition, { target: targetOf(request), body }, context);
  return { code: 201, body: present(request, object) };
};

export const handlePut = (request: ApiRequest): Answer => {
  const { parts, definition, path, context, body } = request;
  const target = targetOf(request);
  if (path.subresource === 'scale') {
    const object = updateObject(parts, definition, { target, change: scaleChange(definition, body) }, context);
    return { code: 200, body: readScale(definition, object) };
  }
  const object = updateObject(parts, definition, { target, change: () => body, requireVersion: true }, context);
  return { code: 200, body: present(request, object) };
};

const deleteOptionsSchema = z.object({
  propagationPolicy: z.enum(['Background', 'Foreground', 'Orphan']).optional(),
  gracePeriodSeconds: z.int().min(0).optional(),
  preconditions: z.object({ uid: z.string().optional(), resourceVersion: z.string().optional() }).optional(),
  dryRun: z.array(z.string()).optional(),
});

const deleteRequest = (request: ApiRequest): DeleteRequest => {
  const parsed = deleteOptionsSchema.safeParse(request.body ?? {});
  if (!parsed.success) throw badRequest(`the DeleteOptions are not understood: ${z.prettifyError(parsed.error)}`);
  const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = parsed.data;
  return {
    target: targetOf(request),
    uid: preconditions?.uid,
    resourceVersion: preconditions?.resourceVersion,
    propagation: propagationPolicy ?? request.query.propagationPolicy,
    gracePeriodSeconds: gracePeriodSeconds ?? request.query.gracePeriodSeconds,
    dryRun: request.context.dryRun || (dryRun?.includes('All') ?? false),
  };
};

export const handleDelete = (request: ApiRequest): Answer => {
  const { parts, definition, path } = request;
  if (path.subresource !== '') throw methodNotAllowed(`DELETE of ${path.plural}/${path.subresource}`);
  const { object, gone } = deleteObject(parts, definition, deleteRequest(request));
  if (!gone || definition.type.kind === 'Pod') return { code: 200, body: present(request, object) };
  const { group, plural } = definition.type;
  const details = { name: path.name, ...(group === '' ? {} : { group }), kind: plural, uid: at(object, 'metadata', 'uid') };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
};

export const handleDeleteCollection = (request: ApiRequest): Answer => {
  const { parts, definition, path, query } = request;
  const options = deleteRequest(request);
  const { items, resourceVersion } = listPage(parts.storage, definition, {
    namespace: path.namespace,
    labelSelector: query.labelSelector,
    fieldSelector: query.fieldSelector,
  });
  for (const item of items) {
    const target = { namespace: textOf(at(item, 'metadata', 'namespace')), name: textOf(at(item, 'metadata', 'name')) };
    deleteObject(parts, definition, { ...options, target });
  }
  return { code: 200, body: presenterFor(definition, '', parts.now).many(items, { resourceVersion }) };
};

