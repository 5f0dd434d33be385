/**
 * JSON patch (RFC 6902).
 *
 * @module
 */
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import * as z from 'zod';
import { clone } from '../json.ts';
import { badRequest, StatusError } from '../status-error.ts';

const maxOperations = 10_000;
const operationSchema = z.discriminatedUnion('op', [
  z.object({ op: z.enum(['add', 'replace', 'test']), path: z.string(), value: z.unknown() }),
  z.object({ op: z.literal('remove'), path: z.string() }),
  z.object({ op: z.enum(['move', 'copy']), path: z.string(), from: z.string() }),
]);
const patchSchema = z.array(operationSchema).max(maxOperations);

/** The value after all operations. Throws StatusError 400 for a malformed patch, 422 when it does not fit the value. */
export const jsonPatch = (value: unknown, patch: unknown): unknown => {
  const operations = patchSchema.safeParse(patch);
  if (!operations.success) throw badRequest(`the JSON patch is not understood: ${z.prettifyError(operations.error)}`);
  try {
    const typed: Operation[] = operations.data.map((operation) => ({ ...operation }));
    return fastJsonPatch.applyPatch(clone(value), typed, true).newDocument;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new StatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);
  }
};
