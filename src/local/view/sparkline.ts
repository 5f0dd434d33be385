/**
 * A row of bars.
 *
 * @module
 */

const bars = '▁▂▃▄▅▆▇█';

/** One bar for each value, the tallest at `top` or above; a blank where there is no value. */
export const sparkline = (values: readonly (number | null)[], top: number): string =>
  values
    .map((value) => {
      if (value === null || !Number.isFinite(value) || top <= 0) return ' ';
      const level = Math.min(bars.length - 1, Math.max(0, Math.floor((value / top) * bars.length)));
      return bars[level] ?? ' ';
    })
    .join('');
