/**
 * What the control law gives, as it is written down.
 *
 * @module
 */
import * as z from 'zod';
import { bottleneckClasses } from '../../api/featureserver-status.ts';
import type { Recommendation } from '../autoscale/types.ts';
import type { Same } from './same.ts';

const scale = { replicas: z.number(), threads: z.number(), processes: z.number() };
const known = z.number().nullable();

const measuredSchema = z.object({
  p95Ms: known,
  p95IsLowerBound: z.boolean(),
  requestsPerSecond: known,
  offeredPerSecond: known,
  cpuSecondsPerRequest: known,
  podCapacity: known.describe('Requests per second of one pod at the present size.'),
  storeMs: known,
  coverage: z.number().describe('Share of running pods that reported, 0 to 1.'),
  oldestSampleSeconds: known.describe('Age of the oldest sample that was believed.'),
});

/** A recommendation. */
export const recommendationSchema = z.object({
  scale: z.object(scale).describe('What the fleet should be, after every guard.'),
  class: z.enum(bottleneckClasses),
  reason: z.string(),
  message: z.string(),
  evidence: z.string(),
  advice: z.string(),
  reachable: z.array(z.enum(bottleneckClasses)).describe('Classes that the servers report enough for; the others cannot be named.'),
  measured: measuredSchema,
  candidates: z.array(z.object({ ...scale, predictedP95Ms: known, cost: z.number().describe('Pods plus the cost of switching.') })),
  boundBy: z.string().nullable().describe('The limit that cut the answer.'),
  guard: z.string().nullable().describe('The guard rail that changed it.'),
  cpuAutoscalerWouldSay: known.describe('Pods that an autoscaler on CPU at 70 % of the limit would ask for.'),
  objectiveMet: z.boolean().nullable(),
  memory: z.record(z.string(), z.unknown()).describe('Comes back as `memory` of the next input.'),
});

/** Does not compile when the law says what this schema does not. */
export const coversTheAnswer: Same<z.output<typeof recommendationSchema>, Recommendation> = true;
