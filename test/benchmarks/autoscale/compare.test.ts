import { describe, expect, it } from '@jest/globals';
import { interval } from '../../bench/autoscale/compare.ts';

describe('the 95 % interval of paired differences', () => {
  it.each<[string, number[], { mean: number; half: number }]>([
    // Variance 1, so the half is 4.303 / √3.
    ['of three pairs, t with two degrees of freedom', [1, 2, 3], { mean: 2, half: 2.4843 }],
    // Variance (4 + 4) / 4 = 2, so the half is 2.776 √(2 / 5).
    ['of five pairs, t with four degrees of freedom', [2, 4, 4, 4, 6], { mean: 4, half: 1.7557 }],
    ['of equal differences', [-7, -7], { mean: -7, half: 0 }],
  ])('%s', (_what, differences, { mean, half }) => {
    const found = interval(differences);
    expect(found.mean).toBeCloseTo(mean, 9);
    expect(found.low).toBeCloseTo(mean - half, 3);
    expect(found.high).toBeCloseTo(mean + half, 3);
  });

  it('is not known of one pair', () => {
    expect(interval([3])).toEqual({ mean: 3, low: Number.NaN, high: Number.NaN });
  });

  it('is not guessed where t is not in the table', () => {
    expect(() => interval(Array.from({ length: 11 }, () => 1))).toThrow('there is no t for 10 degrees of freedom');
  });
});
