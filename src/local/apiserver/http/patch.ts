/**
 * PATCH in its four forms.
 *
 * @module
 */
import { readScale, scaleChange } from '../engine/scale.ts';
import { applyObject, updateObject } from '../engine/update.ts';
import { badRequest, unsupportedMediaType } from '../status-error.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic.ts';
import { presenterFor } from '../table/present.ts';
import { resourceKey } from '../kinds/definition.ts';
import type { Fields } from '../json.ts';
import { targetOf, type ApiRequest } from './api-request.ts';
import type { Answer } from './respond.ts';

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** Turns the body of a PATCH into a function on the object. Throws StatusError 415 for a type the kind does not take. */
const patcher = ({ definition, body, contentType }: ApiRequest): ((value: unknown) => unknown) => {
  const type = contentType.split(';')[0]?.trim();
  if (type === patchTypes.json) return (value) => jsonPatch(value, body);
  if (type === patchTypes.merge) return (value) => mergePatch(value, body);
  if (type === patchTypes.strategic && !definition.custom) return (value) => strategicMergePatch(definition.schema, value, body);
  const { json, merge, strategic, apply } = patchTypes;
  throw unsupportedMediaType(contentType, definition.custom ? [json, merge, apply] : [json, merge, strategic, apply]);
};

const patchScale = (request: ApiRequest, patch: (value: unknown) => unknown): Answer => {
  const { parts, definition, context } = request;
  const change = (old: Fields): Fields => scaleChange(definition, patch(readScale(definition, old)))(old);
  const object = updateObject(parts, definition, { target: targetOf(request), change }, context);
  return { code: 200, body: readScale(definition, object) };
};

export const handlePatch = (request: ApiRequest): Answer => {
  const { parts, definition, path, query, context, body } = request;
  if (path.name === '') throw badRequest('a patch needs the name of an object');
  const target = targetOf(request);
  const present = presenterFor(definition, request.accept, parts.now);
  if (request.contentType.startsWith('application/apply-patch')) {
    if (query.fieldManager === undefined) throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
    const existed = parts.storage.get(resourceKey(definition.type), target.namespace, target.name) !== undefined;
    const object = applyObject(parts, definition, { target, body, force: query.force ?? false }, context);
    return { code: existed ? 200 : 201, body: present.one(object) };
  }
  const patch = patcher(request);
  if (path.subresource === 'scale') return patchScale(request, patch);
  const object = updateObject(parts, definition, { target, change: patch }, context);
  return { code: 200, body: present.one(object) };
};
