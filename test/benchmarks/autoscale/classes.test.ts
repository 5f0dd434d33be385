import { describe, expect, it } from '@jest/globals';
import type { Interval } from '../../bench/autoscale/compare.ts';
import { kindOf, kindsText, median, signsText } from '../../bench/autoscale/report/classes.ts';
import type { Kind } from '../../bench/autoscale/report/classes.ts';
import { clairvoyantGoal } from '../../bench/autoscale/report/pairing.ts';
import type { Compared } from '../../bench/autoscale/report/pairing.ts';

const between = (low: number, high: number): Interval => ({ mean: (low + high) / 2, low, high });

const lineOf = (violations: Interval, pods: number, reversals = 0): Compared => ({
  violations, minutesOver: between(-1, 1), podHours: between(pods, pods), coreHours: between(pods - 1, pods + 1), reversals: between(0, 0), mostReversals: [reversals, 0],
});

const [none, unclear, more] = [between(-0.1, 0.1), between(-0.1, 0.3), between(0.2, 0.4)];

describe('a line of the comparison', () => {
  it.each<[Kind, Compared]>([
    ['met', lineOf(none, 5)],
    ['pods', lineOf(none, 6)],
    ['pods', lineOf(none, 6, 5)],
    ['reversals', lineOf(none, -6, 5)],
    ['unclearFewer', lineOf(unclear, 0)],
    ['unclearMore', lineOf(unclear, 1)],
    ['fewer', lineOf(more, 0)],
    ['both', lineOf(more, 1)],
  ])('is of the kind %s', (kind, found) => {
    expect(kindOf(found, clairvoyantGoal)).toBe(kind);
  });
});

describe('the lines of a table', () => {
  it('are counted by kind, with medians', () => {
    const lines = [lineOf(none, -10), lineOf(none, -20), lineOf(none, 12), lineOf(more, -6), lineOf(more, -4), lineOf(between(0.3, 0.7), -5), lineOf(more, 3)];
    expect(kindsText(lines, clairvoyantGoal)).toBe(
      "Target: at most 5 % more pod-hours, no more violations (the interval's upper bound at most 0.1 points; unclear where the interval holds that, more where all of it is above), at most 4 reversals in a run. " +
        'Target met on 2 of 7 lines (medians: pod-hours -15.0 %, violations 0.00 points). ' +
        'The others: 1 with no more violations but more pods than allowed (medians: pod-hours +12.0 %, violations 0.00 points); ' +
        '3 with more violations and at most as many pods (medians: pod-hours -5.0 %, violations +0.30 points); ' +
        '1 with more of both (medians: pod-hours +3.0 %, violations +0.30 points).',
    );
  });

  it('may all meet the target', () => {
    expect(kindsText([lineOf(none, -1)], clairvoyantGoal)).toMatch(/Target met on 1 of 1 lines \(medians: pod-hours -1\.0 %, violations 0\.00 points\)\.$/u);
  });

  it('are counted by what their intervals tell from zero', () => {
    expect(signsText([lineOf(more, 5), lineOf(none, 0.5), lineOf(between(-3, -1), -5)])).toBe(
      'Lines whose interval is below zero (Plateau has less) / holds zero / is above it: requests over the objective 1 / 1 / 1; minutes over it 0 / 3 / 0; pod-hours 1 / 0 / 2; core-hours 1 / 1 / 1; reversals 0 / 3 / 0.',
    );
  });

  it.each<[number[], number]>([[[3, 1, 2], 2], [[4, 1, 2, 9], 3], [[], Number.NaN]])('have a middle: %p', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
