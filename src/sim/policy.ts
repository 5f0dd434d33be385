/**
 * What a policy sees of the fleet, and what it answers.
 *
 * @module
 */
import type { Scale } from '../api/featureserver-status.ts';
import type { FleetWindow } from '../core/autoscale/types.ts';

export interface FleetView {
  /** Seconds since the start of the run, and the same moment as milliseconds since the epoch. */
  readonly now: number;
  readonly nowMs: number;
  /** What was asked for last. */
  readonly scale: Scale;
  /** CPU limit of a pod now, cores; null without one. */
  readonly coreLimit: number | null;
  /** Scraped data of about the last `seconds`. */
  window: (seconds: number) => FleetWindow;
  /** Requests that arrived in that window, over all pods. */
  arrivals: (seconds: number) => number;
}

export interface Decision {
  scale: Scale;
  reason: string;
  /** What the policy looked at, for the decisions' file. */
  inputs: Record<string, unknown>;
}

/** A policy with its memory; one object for one run. */
export interface Policy {
  readonly name: string;
  /** It is asked so often, seconds. */
  readonly periodSeconds: number;
  /** Pods are scraped so often for it, seconds; null when it needs no data. */
  readonly scrapeSeconds: number | null;
  decide: (view: FleetView) => Decision;
}

/** Limits of the number of pods. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const within = ({ min, max }: Bounds, replicas: number): number => Math.min(max, Math.max(min, replicas));
