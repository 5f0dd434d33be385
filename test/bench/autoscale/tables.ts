/**
 * The two tables, as Markdown.
 *
 * @module
 */
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import { MARGIN, interval, totalOf } from './compare.ts';
import type { Interval } from './compare.ts';
import type { Setting } from './suite.ts';

/** Plateau and one setting of a peer on the same seeds, run by run. */
export interface Pairing {
  readonly row: string;
  readonly peer: string;
  readonly setting: Setting;
  readonly plateau: readonly SimulationResult[];
  readonly other: readonly SimulationResult[];
}

export interface Compared {
  /** Percentage points of requests over the objective, plateau less the peer. */
  readonly violations: Interval;
  /** Percent of pod-hours, plateau over the peer. */
  readonly podHours: Interval;
  readonly reversals: readonly [plateau: number, other: number];
}

const share = ({ overObjective, requests }: SimulationResult): number => (100 * overObjective) / Math.max(1, requests);

export const compared = ({ plateau, other }: Pairing): Compared => {
  const pairs = plateau.map((own, index) => ({ own, peer: other[index] ?? own }));
  return {
    violations: interval(pairs.map(({ own, peer }) => share(own) - share(peer))),
    podHours: interval(pairs.map(({ own, peer }) => 100 * (own.podHours / peer.podHours - 1))),
    reversals: [Math.max(...plateau.map(({ reversals }) => reversals)), Math.max(...other.map(({ reversals }) => reversals))],
  };
};

/** Violations are no higher when the 95 % bound of their paired difference is at most this many points. */
const POINTS = 100 * MARGIN;
const MOST_REVERSALS = 4;

const isNoWorse = ({ violations, reversals }: Compared): boolean => (Number.isNaN(violations.high) ? violations.mean : violations.high) <= POINTS && reversals[0] <= MOST_REVERSALS;

/** Against a peer that knew the row: violations no higher, and at most 5 % more pod-hours. */
export const clairvoyantHolds = (found: Compared): boolean => isNoWorse(found) && found.podHours.mean <= 5;

/** Against one setting for all: violations no higher, and at least 30 % fewer pod-hours. */
export const suiteHolds = (found: Compared): boolean => isNoWorse(found) && found.podHours.mean <= -30;

const sign = (value: number, digits: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
const text = ({ mean, low, high }: Interval, digits: number): string => (Number.isNaN(low) ? sign(mean, digits) : `${sign(mean, digits)} [${sign(low, digits)}, ${sign(high, digits)}]`);

const perRun = (runs: readonly SimulationResult[], what: 'windowsOver' | 'coreHours'): number => runs.reduce((sum, run) => sum + run[what], 0) / Math.max(1, runs.length);

const line = (pairing: Pairing, holds: (found: Compared) => boolean): string => {
  const found = compared(pairing);
  const { violations, podHours, reversals } = found;
  const [own, peer] = [totalOf(pairing.plateau), totalOf(pairing.other)];
  const runs = pairing.plateau.length;
  const cells = [
    pairing.row,
    pairing.peer,
    pairing.setting.slice(2).join(' '),
    `${(100 * own.share).toFixed(2)} / ${(100 * peer.share).toFixed(2)}`,
    text(violations, 2),
    `${perRun(pairing.plateau, 'windowsOver').toFixed(1)} / ${perRun(pairing.other, 'windowsOver').toFixed(1)}`,
    `${(own.podHours / runs).toFixed(2)} / ${(peer.podHours / runs).toFixed(2)}`,
    text(podHours, 1),
    `${perRun(pairing.plateau, 'coreHours').toFixed(1)} / ${perRun(pairing.other, 'coreHours').toFixed(1)}`,
    reversals.join(' / '),
    holds(found) ? 'yes' : 'no',
  ];
  return `| ${cells.join(' | ')} |`;
};

export const markdown = (title: string, pairings: readonly Pairing[], holds: (found: Compared) => boolean): string =>
  [
    `## ${title}`,
    '',
    '| row | peer | its setting | over objective, %, plateau / peer | difference, points [95 %] | minutes over it a run | pod-hours a run | difference, % [95 %] | core-hours | most reversals | target met |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...pairings.map((pairing) => line(pairing, holds)),
    '',
    `Target met in ${pairings.filter((pairing) => holds(compared(pairing))).length} of ${pairings.length}.`,
    '',
  ].join('\n');
