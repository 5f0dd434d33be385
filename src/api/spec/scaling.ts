/**
 * `spec.scaling`: who turns which knob, how far and how fast.
 *
 * @module
 */
import * as z from 'zod';
import { celRules, checkedBy } from '../cel-rules.ts';
import { durationBetween } from '../duration.ts';

export const scalingModes = ['Auto', 'ReplicasOnly', 'ThreadsOnly', 'Recommend', 'Off'] as const;
export type ScalingMode = (typeof scalingModes)[number];

const replicaCount = z.int().min(1).max(5000);

const replicas = z
  .object({
    min: replicaCount.default(2).describe('Fewest pods.'),
    max: replicaCount.default(10).describe('Most pods.'),
  })
  .meta(checkedBy(celRules.replicasOrder));

const scaleUp = z.object({
  maxPods: replicaCount.default(4).describe('Pods that may be added in one period; the larger of maxPods and maxPercent counts.'),
  maxPercent: z.int().min(1).max(1000).default(100).describe('Percent of the fleet that may be added in one period.'),
  period: durationBetween('1s', '30m').default('15s').describe('Length of one period.'),
});

const scaleDown = z.object({
  enabled: z.boolean().default(true).describe('False: pods are never removed by Plateau.'),
  stabilization: durationBetween('0s', '24h').default('300s').describe('The largest recommendation of this long a time holds.'),
  maxPercentPerMinute: z.int().min(1).max(100).default(10).describe('Percent of the fleet that may be removed in a minute, at least one pod.'),
});

const evaluation = z
  .object({
    period: durationBetween('100ms', '10m').default('5s').describe('A decision is made this often.'),
    window: durationBetween('100ms', '10m').default('15s').describe('A decision looks at this long a time.'),
  })
  .meta(checkedBy(celRules.windowNotUnderPeriod));

export const scalingSchema = z.object({
  mode: z
    .enum(scalingModes)
    .default('Auto')
    .describe('Auto turns replicas and threads, ReplicasOnly and ThreadsOnly one of them, Recommend only says what Auto would do, Off nothing.'),
  replicas: replicas.prefault({}).describe('Limits of the number of pods.'),
  maxConcurrency: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Most requests that the whole fleet may have at the store: replicas x processes x threads, surge and terminating pods counted.'),
  scaleUp: scaleUp.prefault({}).describe('How fast pods are added.'),
  scaleDown: scaleDown.prefault({}).describe('How fast pods are removed.'),
  evaluation: evaluation.prefault({}).describe('How often is decided, and over what.'),
});
