/**
 * How many of a rare event there may be where few or none were seen.
 *
 * @module
 */

/** Probability that a Poisson variable of this mean is at most `count`. */
const atMost = (count: number, mean: number): number => {
  let term = Math.exp(-mean);
  let sum = term;
  for (let n = 1; n <= count; n += 1) {
    term *= mean / n;
    sum += term;
  }
  return sum;
};

/** The mean under which so few or fewer would be seen once in twenty times: 3.0 for none (the rule of three), 4.7 for one. */
export const upperBound = (count: number): number => {
  let [low, high] = [0, 10 + 4 * count];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(count, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
};
