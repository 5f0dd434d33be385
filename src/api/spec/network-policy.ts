/**
 * `spec.networkPolicy`: who may reach the pods.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../cel-rules.ts';
import { passThrough } from './server.ts';

export const networkPolicySchema = z
  .object({
    enabled: z.boolean().default(false).describe('Whether a NetworkPolicy is made.'),
    from: z.array(passThrough).max(64).optional().describe('NetworkPolicy peers that may reach the serving port. Absent: anyone.'),
    metricsFrom: z
      .array(passThrough)
      .max(64)
      .optional()
      .describe('NetworkPolicy peers that may reach the admin port beside the operator.'),
  })
  .meta(checkedBy(celRules.networkPolicyPeers));
