import { describe, expect, it } from '@jest/globals';
import { clairvoyantGoal, compared, holds, suiteGoal, violationsOf } from '../../bench/autoscale/report/pairing.ts';
import type { Compared, Pairing } from '../../bench/autoscale/report/pairing.ts';
import { added } from '../../bench/autoscale/sums.ts';
import type { Sum } from '../../bench/autoscale/sums.ts';
import { sumOf } from './sum-of.ts';

const pairingOf = (plateau: Sum[], other: Sum[]): Pairing => ({ row: 'io', peer: 'kpa', setting: ['--policy', 'kpa', '--threads', '2', '--concurrency-target', '1'], plateau, other });

/** Mean and bounds of a difference, rounded. */
const rounded = (found: Compared, name: 'violations' | 'minutesOver' | 'podHours' | 'coreHours' | 'reversals'): number[] =>
  [found[name].mean, found[name].low, found[name].high].map((value) => Number(value.toFixed(2)));

describe('differences paired by seed', () => {
  const plateau = [sumOf({ overObjective: 1, windowsOver: 2, podHours: 2, coreHours: 8, reversals: 1, mostReversals: 1 }), sumOf({ overObjective: 3, windowsOver: 3, podHours: 3, coreHours: 9, reversals: 2, mostReversals: 1 }), sumOf({ overObjective: 5, windowsOver: 7, podHours: 4, coreHours: 10, reversals: 0 })];
  const other = [sumOf({ windowsOver: 1, reversals: 4, mostReversals: 2 }), sumOf({ overObjective: 1, windowsOver: 1, reversals: 5, mostReversals: 3 }), sumOf({ overObjective: 2, windowsOver: 4, reversals: 6, mostReversals: 2 })];
  const found = compared(pairingOf(plateau, other));

  it.each<['violations' | 'minutesOver' | 'podHours' | 'coreHours' | 'reversals', number[]]>([
    // Each has differences at equal steps d about their middle: the half is 4.303 d / √3 = 2.4843 d.
    ['violations', [2, -0.48, 4.48]],
    ['minutesOver', [2, -0.48, 4.48]],
    // -50, -25 and 0 %.
    ['podHours', [-25, -87.11, 37.11]],
    // -20, -10 and 0 %.
    ['coreHours', [-10, -34.84, 14.84]],
  ])('of %s', (name, expected) => {
    expect(rounded(found, name)).toEqual(expected);
  });

  it('of reversals, beside the most of any run', () => {
    // -3, -3 and -6: variance 3, half 4.303.
    expect(rounded(found, 'reversals')).toEqual([-4, -8.3, 0.3]);
    expect(found.mostReversals).toEqual([1, 3]);
  });

  it('of a suite are those of the sums over its rows', () => {
    // 19 of 1,000 beside 39 of 1,000; rows on their own would give (10 % + 1 %) / 2 beside (30 % + 1 %) / 2.
    const rows = (over: number): Sum => added([sumOf({ overObjective: over }), sumOf({ requests: 900, overObjective: 9 })]);
    expect(compared(pairingOf([rows(10), rows(10)], [rows(30), rows(30)])).violations.mean).toBeCloseTo(-2, 9);
  });

  it('need every seed of both', () => {
    expect(() => compared(pairingOf(plateau, other.slice(1)))).toThrow('io: kpa has fewer seeds than Plateau');
  });
});

describe('what Plateau is to reach', () => {
  const known = (violations: [low: number, high: number], pods: number, reversals = 0): Compared => {
    const found = compared(pairingOf([sumOf()], [sumOf()]));
    const [low, high] = violations;
    return { ...found, violations: { mean: (low + high) / 2, low, high }, podHours: { mean: pods, low: pods, high: pods }, mostReversals: [reversals, 0] };
  };

  it.each<[string, Compared, boolean, boolean]>([
    ['few pods at no more violations', known([-0.1, 0.1], -30), true, true],
    ['5 % more pods, which only a peer that knows the row allows', known([-0.1, 0.1], 5), true, false],
    ['still more pods', known([-0.1, 0.1], 5.1), false, false],
    ['violations that may be higher', known([-0.1, 0.11], -40), false, false],
    ['four reversals', known([0, 0], -40, 4), true, true],
    ['five reversals', known([0, 0], -40, 5), false, false],
  ])('%s', (_what, found, clairvoyant, suite) => {
    expect([holds(found, clairvoyantGoal), holds(found, suiteGoal)]).toEqual([clairvoyant, suite]);
  });

  it.each<[string, [number, number], string]>([
    ['no more where the interval ends at the margin', [0.05, 0.1], 'no more'],
    ['more where all of it is beyond', [0.11, 0.4], 'more'],
    ['unclear where it holds the margin', [0.02, 0.4], 'unclear'],
    ['unclear where it begins at the margin', [0.1, 0.4], 'unclear'],
  ])('violations are %s', (_what, violations, expected) => {
    expect(violationsOf(known(violations, 0))).toBe(expected);
  });

  it('is judged by the mean where there is no interval', () => {
    expect(violationsOf(compared(pairingOf([sumOf({ overObjective: 1 })], [sumOf()])))).toBe('more');
    expect(violationsOf(compared(pairingOf([sumOf()], [sumOf({ overObjective: 1 })])))).toBe('no more');
  });
});
