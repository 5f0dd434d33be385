/**
 * Sizes of a fleet and of its pools, compared and counted.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import type { Facts } from './measure.ts';
import type { AutoscaleSpec, FleetWindow } from './types.ts';

export type Pool = Pick<Scale, 'threads' | 'processes'>;

export const isSamePool = (a: Pool, b: Pool): boolean => a.threads === b.threads && a.processes === b.processes;

export const isSameScale = (a: Scale, b: Scale): boolean => a.replicas === b.replicas && isSamePool(a, b);

/** The larger of both in each knob. */
export const largest = (a: Scale, b: Scale): Scale => ({
  replicas: Math.max(a.replicas, b.replicas),
  threads: Math.max(a.threads, b.threads),
  processes: Math.max(a.processes, b.processes),
});

/** Slots that the pods heard from have once all of them follow `pool`: what `Facts.slots` is compared with. */
export const slotsOf = ({ threads, processes }: Pool, { pods }: Pick<Facts, 'pods'>): number => threads * processes * pods.reporting;

interface Surroundings {
  spec: Pick<AutoscaleSpec, 'maxConcurrency'>;
  facts: Pick<Facts, 'pods'>;
  fleet: Pick<FleetWindow, 'terminating'>;
}

/** Pods besides the replicas that hold connections to the store: surging ones, and those on their way out. */
export const extraPods = ({ facts, fleet }: Surroundings): number => facts.pods.surge + fleet.terminating;

/** `(replicas + surging + terminating) × processes × threads`: what a fleet of this size may ask of the store at once. */
export const concurrencyOf = ({ replicas, threads, processes }: Scale, around: Surroundings): number => (replicas + extraPods(around)) * processes * threads;

/** Whether `maxConcurrency` has room for a fleet of this size. */
export const isUnderCap = (scale: Scale, around: Surroundings): boolean => around.spec.maxConcurrency === null || concurrencyOf(scale, around) <= around.spec.maxConcurrency;
