/**
 * The load of the runs: an hour of a real trace in a few minutes, as high as the machine's cores allow.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace } from '../../../../src/local/load/trace.ts';
import type { TracePoint } from '../../../../src/local/load/trace.ts';

const traceName = 'autothrottle_diurnal';

/**
 * The whole hour, one rise and one fall, in so many seconds: the load changes faster still than the time constants do. The highest second asks for
 * `peakPerSecond` requests.
 */
export const compressed = (seconds: number, peakPerSecond: number): TracePoint[] => {
  const { points } = parseTrace(readFileSync(join(import.meta.dirname, '..', '..', '..', 'fixtures', 'traces', `${traceName}.csv`), 'utf8'), traceName);
  const step = points.length / seconds;
  const rates = Array.from({ length: seconds }, (_, second) => {
    const part = points.slice(Math.floor(second * step), Math.floor((second + 1) * step));
    return part.reduce((sum, { rate }) => sum + rate, 0) / Math.max(1, part.length);
  });
  // The trace's least second has half of its most: stretched to a tenth, so that one pod is enough at first and at last.
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  return rates.map((rate, second) => ({ seconds: second, rate: peakPerSecond * (0.1 + (0.9 * (rate - least)) / (most - least)) }));
};

/** @returns the path that was written */
export const writeTrace = (path: string, points: readonly TracePoint[]): string => {
  writeFileSync(path, `seconds,requests_per_second\n${points.map(({ seconds, rate }) => `${seconds},${rate.toFixed(2)}`).join('\n')}\n`);
  return path;
};
