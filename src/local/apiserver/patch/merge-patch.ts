/**
 * JSON merge patch (RFC 7396).
 *
 * @module
 */
import { isFields, type Fields } from '../json.ts';

/** The value with the patch on top: objects are merged, null removes, anything else replaces. */
export const mergePatch = (value: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) return patch;
  const merged: Fields = isFields(value) ? { ...value } : {};
  for (const [name, part] of Object.entries(patch)) {
    if (part === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], part);
  }
  return merged;
};
