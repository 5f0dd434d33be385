/**
 * `spec.rollout` and `spec.disruption`: how pods are replaced, and how many may be missing.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../cel-rules.ts';
import { durationBetween } from '../duration.ts';

const intOrPercent = z.union([z.int(), z.string()]).meta({ maxLength: 8 });
const pods = intOrPercent.meta(checkedBy(celRules.intOrPercent));
const podsOfAll = intOrPercent.meta(checkedBy(celRules.percentAtMost100));

export const rolloutSchema = z
  .object({
    maxSurge: pods.default('25%').describe('Pods, or percent of them, that may be added while a rollout runs.'),
    maxUnavailable: podsOfAll.default(0).describe('Pods, or percent of them, that may be missing while a rollout runs.'),
    minReadySeconds: z.int().min(0).max(3600).default(0).describe('Seconds that a pod must be ready before it counts.'),
    terminationGrace: durationBetween('1s', '1h').default('30s').describe('Time for a pod to finish its requests; rounded up to whole seconds.'),
  })
  .meta(checkedBy(celRules.rolloutMoves));

export const disruptionSchema = z.object({
  maxUnavailable: podsOfAll
    .default(1)
    .describe('Pods, or percent of them, that may be evicted at once. With 0 no node can be drained.'),
});
