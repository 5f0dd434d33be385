/**
 * Which setting is best, and how far apart two policies are.
 *
 * @module
 */
import type { SimulationResult } from '../../../src/sim/outcome.ts';

/** Violations that count as no more than the other's: 0.1 percentage points. */
export const MARGIN = 0.001;

/** Sums of some runs. */
export interface Total {
  readonly share: number;
  readonly podHours: number;
}

export const totalOf = (results: readonly SimulationResult[]): Total => {
  const sum = (pick: (result: SimulationResult) => number): number => results.reduce((total, result) => total + pick(result), 0);
  return { share: sum(({ overObjective }) => overObjective) / Math.max(1, sum(({ requests }) => requests)), podHours: sum(({ podHours }) => podHours) };
};

/**
 * Order of preference: settings with no more violations than `allowed` come first, the one with the fewest pod-hours before all; then
 * the others by violations.
 */
export const ranked = <One extends { total: Total }>(settings: readonly One[], allowed: number): One[] => {
  const keeps = ({ total }: One): boolean => total.share <= allowed + MARGIN;
  return settings.toSorted((a, b) => {
    if (keeps(a) !== keeps(b)) return keeps(a) ? -1 : 1;
    return keeps(a) ? a.total.podHours - b.total.podHours : a.total.share - b.total.share;
  });
};

/** Student's t at 97.5 % by degrees of freedom from 1. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const studentT = (degrees: number): number => {
  const found = T[degrees - 1];
  if (found === undefined) throw new Error(`there is no t for ${degrees} degrees of freedom: add it to T in test/bench/autoscale/compare.ts`);
  return found;
};

/** Mean of paired differences with its 95 % confidence interval, of Student's t with one degree of freedom less than pairs; one pair has none. */
export const interval = (differences: readonly number[]): Interval => {
  const count = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  if (count < 2) return { mean, low: NaN, high: NaN };
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = studentT(count - 1) * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half };
};
