/**
 * What two policies are compared by.
 *
 * @module
 */
import type { Sum } from '../sums.ts';

export interface Measure {
  readonly head: string;
  readonly value: (sum: Sum) => number;
  /** Digits behind the point: of the value, and of the difference. */
  readonly digits: readonly [value: number, difference: number];
  /** Differences are percent of the peer's value; else they have the value's own unit. */
  readonly isRelative: boolean;
}

export const measures = {
  /** Percent; differences are percentage points. */
  violations: { head: 'requests over the objective, %', value: ({ overObjective, requests }) => (100 * overObjective) / Math.max(1, requests), digits: [2, 2], isRelative: false },
  minutesOver: { head: 'minutes over it', value: ({ windowsOver }) => windowsOver, digits: [1, 1], isRelative: false },
  podHours: { head: 'pod-hours', value: ({ podHours }) => podHours, digits: [2, 1], isRelative: true },
  coreHours: { head: 'core-hours', value: ({ coreHours }) => coreHours, digits: [2, 1], isRelative: true },
  reversals: { head: 'reversals', value: ({ reversals }) => reversals, digits: [1, 1], isRelative: false },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof measures;

export const measureNames: readonly MeasureName[] = ['violations', 'minutesOver', 'podHours', 'coreHours', 'reversals'];

/** Plateau less the peer. */
export const differenceOf = ({ value, isRelative }: Measure, own: Sum, peer: Sum): number => (isRelative ? 100 * (value(own) / value(peer) - 1) : value(own) - value(peer));
