/**
 * Query parameters and headers of a request, checked.
 *
 * @module
 */
import * as z from 'zod';
import { badRequest } from '../status-error.ts';
import type { WriteContext } from '../engine/context.ts';

const count = z.coerce.number().int().min(0);
const flag = z.enum(['true', 'false', '1', '0', '']).transform((text) => text === 'true' || text === '1');

const querySchema = z.object({
  watch: flag.optional(),
  allowWatchBookmarks: flag.optional(),
  timeoutSeconds: count.max(86_400).optional(),
  resourceVersion: z.string().optional(),
  labelSelector: z.string().optional(),
  fieldSelector: z.string().optional(),
  limit: count.optional(),
  continue: z.string().optional(),
  fieldManager: z.string().max(128).optional(),
  fieldValidation: z.enum(['Strict', 'Warn', 'Ignore']).optional(),
  force: flag.optional(),
  dryRun: z.enum(['All', '']).optional(),
  gracePeriodSeconds: count.optional(),
  propagationPolicy: z.enum(['Background', 'Foreground', 'Orphan']).optional(),
  sendInitialEvents: flag.optional(),
});
export type Query = z.infer<typeof querySchema>;

/** Parses the parameters that the server knows; others are ignored, as a real one does. Throws StatusError 400. */
export const parseQuery = (url: URL): Query => {
  const parsed = querySchema.safeParse(Object.fromEntries(url.searchParams));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`invalid query parameter ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
};

/** Who writes: the fieldManager parameter, else the program's name from User-Agent. */
const managerOf = (query: Query, userAgent: string | undefined): string =>
  query.fieldManager ?? ((userAgent ?? '').split('/')[0] || 'unknown');

/** The write context of a request. */
export const writeContext = (query: Query, userAgent: string | undefined, subresource: string): WriteContext => ({
  manager: managerOf(query, userAgent),
  dryRun: query.dryRun === 'All',
  subresource: subresource === 'status' ? 'status' : '',
  unknownFields: query.fieldValidation ?? 'Warn',
  warnings: [],
});
