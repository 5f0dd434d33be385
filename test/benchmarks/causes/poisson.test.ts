import { expect, it } from '@jest/globals';
import { upperBound } from '../../bench/causes/report/poisson.ts';

it.each([
  // Half of the 95 % quantiles of chi-square with 2, 4, 6 and 22 degrees of freedom.
  [0, 2.996],
  [1, 4.744],
  [2, 6.296],
  [10, 16.962],
])('%d events are compatible with a mean of up to %d', (count, bound) => {
  expect(upperBound(count)).toBeCloseTo(bound, 3);
});
