/**
 * The conditions of a Pod as the API server holds them.
 *
 * @module
 */
import * as z from 'zod';
import type { KubeObject } from '../../runtime/ports.ts';
import type { PodCondition } from './pod-status.ts';

const schema = z.object({
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.enum(['True', 'False']), lastTransitionTime: z.string() })),
  }),
});

/** Conditions of the last status, empty when there is none or it is unreadable. */
export const readConditions = (object: KubeObject): PodCondition[] => {
  const parsed = schema.safeParse(object);
  return parsed.success ? parsed.data.status.conditions : [];
};
