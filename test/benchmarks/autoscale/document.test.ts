import { describe, expect, it } from '@jest/globals';
import { pageOf } from '../../bench/autoscale/report/document.ts';
import type { ComparisonResult } from '../../bench/autoscale/report/document.ts';
import type { Pairing } from '../../bench/autoscale/report/pairing.ts';
import { intervalText } from '../../bench/autoscale/report/text.ts';
import { rows } from '../../bench/autoscale/suite.ts';
import { sumOf } from './sum-of.ts';

const pairing: Pairing = {
  row: 'io, bursty',
  peer: 'hpa-cpu',
  setting: ['--policy', 'hpa-cpu', '--threads', '4', '--cpu-target', '50'],
  plateau: [sumOf({ windowsOver: 1, podHours: 2, reversals: 1, mostReversals: 1 }), sumOf({ windowsOver: 2, podHours: 2, reversals: 2, mostReversals: 2 }), sumOf({ windowsOver: 3, podHours: 2, reversals: 3, mostReversals: 3 })],
  other: [sumOf({ overObjective: 1 }), sumOf({ overObjective: 1 }), sumOf({ overObjective: 1 })],
};

const result: ComparisonResult = {
  size: 'quick', rows: rows('quick'), runs: 321, seeds: { search: 1, finals: [11, 12, 13] }, finalists: 1, versions: { Plateau: '1.2.3', Node: 'v24.0.0' },
  clairvoyant: [pairing], suite: [{ ...pairing, row: 'whole suite' }],
};

describe('the page of the comparison', () => {
  const page = pageOf(result);

  it('says at its top what writes it, and what the run was', () => {
    expect(page).toMatch(/^# .*\n\nWritten by `npm run bench autoscale -- --quick --document docs`; do not edit by hand\./u);
    expect(pageOf({ ...result, size: 'default' })).toContain('`npm run bench autoscale -- --document docs`');
    expect(page).toContain('9 rows of 15 minutes, 135 minutes in all');
    expect(page).toContain('321 runs');
    expect(page).toContain('Searched with seed 1; the figures are of the seeds 11, 12, 13.');
    expect(page).toContain('Plateau: 1.2.3; Node: v24.0.0.');
  });

  it('has every line of both tables, each measure with its interval', () => {
    const cells = '--threads 4 --cpu-target 50 | 0.00 / 1.00, -1.00 [-1.00, -1.00] | 2.0 / 0.0, +2.0 [-0.5, +4.5] | 2.00 / 4.00, -50.0 % [-50.0, -50.0] | 10.00 / 10.00, 0.0 % [0.0, 0.0] | 2.0 / 0.0, +2.0 [-0.5, +4.5] | 3 / 0 | yes |';
    expect(page).toContain(`| io, bursty | hpa-cpu | ${cells}`);
    expect(page).toContain(`| whole suite | hpa-cpu | ${cells}`);
    expect(page.match(/Target met on 1 of 1 lines/gu)).toHaveLength(2);
    expect(page.endsWith('.\n')).toBe(true);
  });

  it('is the same for the same run', () => {
    expect(pageOf(structuredClone(result))).toBe(page);
  });
});

describe('a difference', () => {
  it.each<[number, number, string]>([[0.004, 2, '0.00'], [-0.004, 2, '0.00'], [0.006, 2, '+0.01'], [-1.25, 1, '-1.3'], [2, 0, '+2']])('%d with %d digits', (mean, digits, expected) => {
    expect(intervalText({ mean, low: Number.NaN, high: Number.NaN }, digits)).toBe(expected);
  });

  it('has its unit before its interval', () => {
    expect(intervalText({ mean: -3, low: -4, high: 1 }, 1, ' %')).toBe('-3.0 % [-4.0, +1.0]');
  });
});
