/**
 * Plateau and a peer on the same seeds, and what Plateau is to reach.
 *
 * @module
 */
import { MARGIN, interval } from '../compare.ts';
import type { Interval } from '../compare.ts';
import type { Setting } from '../suite.ts';
import type { Sum } from '../sums.ts';
import { differenceOf, measures } from './measures.ts';
import type { MeasureName } from './measures.ts';

/** Plateau and one setting of a peer, seed by seed: both lists have the seeds in the same order. */
export interface Pairing {
  readonly row: string;
  readonly peer: string;
  readonly setting: Setting;
  readonly plateau: readonly Sum[];
  readonly other: readonly Sum[];
}

/** Paired differences, Plateau less the peer. */
export interface Compared extends Readonly<Record<MeasureName, Interval>> {
  /** In any single run. */
  readonly mostReversals: readonly [plateau: number, other: number];
}

const most = (sums: readonly Sum[]): number => Math.max(...sums.map(({ mostReversals }) => mostReversals));

export const compared = ({ row, peer, plateau, other }: Pairing): Compared => {
  const paired = (name: MeasureName): Interval =>
    interval(
      plateau.map((own, seed) => {
        const beside = other[seed];
        if (beside === undefined) throw new Error(`${row}: ${peer} has fewer seeds than Plateau`);
        return differenceOf(measures[name], own, beside);
      }),
    );
  return {
    violations: paired('violations'),
    minutesOver: paired('minutesOver'),
    podHours: paired('podHours'),
    coreHours: paired('coreHours'),
    reversals: paired('reversals'),
    mostReversals: [most(plateau), most(other)],
  };
};

export interface Goal {
  readonly title: string;
  /** Mean difference of pod-hours that Plateau may have at most, percent. */
  readonly mostPods: number;
  /** The same in words. */
  readonly pods: string;
}

/** Against peers that know the row. */
export const clairvoyantGoal: Goal = { title: 'Peers tuned for each row', mostPods: 5, pods: 'at most 5 % more pod-hours' };
/** Against one setting for all. */
export const suiteGoal: Goal = { title: 'One setting for the whole suite', mostPods: -30, pods: 'at least 30 % fewer pod-hours' };

/** Violations are no higher when the 95 % bound of their paired difference is at most this many points. */
export const POINTS = 100 * MARGIN;
export const MOST_REVERSALS = 4;

/** Whether violations are higher by no more than the margin; `unclear` when the interval holds the margin. One seed has a mean only. */
export const violationsOf = ({ violations: { mean, low, high } }: Compared): 'no more' | 'more' | 'unclear' => {
  if ((Number.isNaN(high) ? mean : high) <= POINTS) return 'no more';
  return (Number.isNaN(low) ? mean : low) > POINTS ? 'more' : 'unclear';
};

/** Violations no higher, few reversals, and no more pod-hours than the goal allows. */
export const holds = (found: Compared, { mostPods }: Goal): boolean => violationsOf(found) === 'no more' && found.mostReversals[0] <= MOST_REVERSALS && found.podHours.mean <= mostPods;
