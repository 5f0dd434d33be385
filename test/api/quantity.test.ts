import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseQuantity } from '../../src/api/quantity.ts';

describe('quantities', () => {
  it.each<[unknown, number]>([
    ['500m', 0.5], ['2', 2], [2, 2], [0.5, 0.5], ['1.5Gi', 1.5 * 2 ** 30], ['128Mi', 2 ** 27], ['1e3', 1000], ['1E3', 1000], ['1E', 1e18], ['.5', 0.5], ['1.', 1],
    ['100k', 1e5], ['250u', 2.5e-4], ['3n', 3e-9], ['1e-3', 1e-3], ['0', 0],
  ])('%p is %d', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 12);
  });

  it.each([undefined, null, {}, '', 'm', '-1', '+1', '1 Gi', '1gi', '1K', '1Kb', 'two', '1.2.3', NaN, Infinity, '1e400', '0x10'])('refuses %p', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('gives a finite number that is not negative, or nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double()), (text) => {
        const value = parseQuantity(text);
        expect(value === undefined || (Number.isFinite(value) && value >= 0)).toBe(true);
      }),
    );
  });
});
