import { describe, expect, it } from '@jest/globals';
import { FallingCounters } from '../../../src/conformance/metrics/falling-counters.ts';
import { Between, MetricsPage, quantile, quantileThrough } from '../../../src/conformance/metrics/metrics-page.ts';

const page = (lines: string, atMs = 0): MetricsPage => new MetricsPage(`${lines}\n`, atMs);
const histogram = (counts: readonly number[], sum: number): string =>
  ['# TYPE worker_pool_request_seconds histogram', ...['0.1', '0.2', '+Inf'].map((edge, index) => `worker_pool_request_seconds_bucket{le="${edge}"} ${counts[index]}`), `worker_pool_request_seconds_sum ${sum}`, `worker_pool_request_seconds_count ${counts[2]}`].join('\n');

describe('what lies between two scrapes', () => {
  it('subtracts histograms bucket by bucket, and none whose edges differ', () => {
    const between = new Between(page(histogram([1, 2, 3], 1)), page(histogram([5, 8, 13], 2.5), 2000));
    expect(between.seconds).toBe(2);
    expect(between.histogram('requestSeconds')).toEqual({ edges: [0.1, 0.2, Infinity], counts: [4, 6, 10], sum: 1.5, count: 10 });
    expect(new Between(page('a 1'), page(histogram([1, 1, 1], 1))).histogram('requestSeconds').count).toBeNaN();
  });

  it('takes a series that is not shown yet as nothing, and a metric that is not there as unknown', () => {
    const between = new Between(page('a 1'), page('worker_pool_rejected_total{reason="x"} 2'));
    expect(between.labelled('worker_pool_rejected_total', 'reason')).toBe(2);
    expect(between.value('worker_pool_rejected_total')).toBeNaN();
  });

  it.each([
    ['within a bucket', [50, 100, 100], 0.75, 0.15],
    ['at an edge', [50, 100, 100], 0.5, 0.1],
    ['above the last edge', [0, 0, 10], 0.95, 0.2],
  ])('a quantile %s', (_name, counts, share, expected) => {
    expect(quantile({ edges: [0.1, 0.2, Infinity], counts, sum: 0, count: 0 }, share)).toBeCloseTo(expected, 9);
  });

  it('has no quantile of nothing', () => {
    expect(quantile({ edges: [0.1, Infinity], counts: [0, 0], sum: 0, count: 0 }, 0.95)).toBeNaN();
  });
});

describe('one resolution for both sides', () => {
  /** Behind a full queue nearly all answers take about as long, and a few lie above the next edge. */
  const seconds = [...Array.from({ length: 93 }, () => 0.5), ...Array.from({ length: 7 }, () => 0.52)];
  const edges = [0.413, 0.512, 0.635, Infinity];

  it('shows the same quantile for the same latencies, where the plain one lies far off', () => {
    const shown = quantile({ edges, counts: [0, 93, 100, 100], sum: NaN, count: 100 }, 0.95);
    expect(shown).toBeGreaterThan(1.04 * 0.52);
    expect(quantileThrough(edges, seconds, 0.95)).toBe(shown);
  });

  it('still tells half of a latency from the whole', () => {
    const half = quantileThrough([...Array.from({ length: 30 }, (_, index) => 0.001 * 1.25 ** index), Infinity], seconds.map((value) => value / 2), 0.95);
    expect(half).toBeLessThan(0.65 * 0.52);
  });

  it('has no quantile of nothing', () => {
    expect(quantileThrough(edges, [], 0.95)).toBeNaN();
    expect(quantileThrough([], seconds, 0.95)).toBeNaN();
  });
});

describe('counters over a run', () => {
  const counter = (value: number | undefined): MetricsPage => page(`# TYPE worker_pool_arrivals_total counter\n${value === undefined ? '' : `worker_pool_arrivals_total ${value}`}`);
  it.each<[string, (number | undefined)[], number]>([
    ['that rise', [1, 1, 2], 0],
    ['one that falls', [2, 1, 5], 1],
    ['one that leaves the page', [2, undefined], 1],
    ['one that comes later', [undefined, 2], 0],
  ])('%s', (_name, values, falls) => {
    const counters = new FallingCounters();
    for (const value of values) counters.add(counter(value), 'a test');
    expect(counters.falls).toHaveLength(falls);
  });

  it('lets the bucket of an old objective go', () => {
    const counters = new FallingCounters();
    for (const edge of ['0.042', '0.077']) counters.add(page(`# TYPE worker_pool_request_seconds histogram\nworker_pool_request_seconds_bucket{le="${edge}"} 3`), 'a test');
    expect(counters.falls).toEqual([]);
  });
});
