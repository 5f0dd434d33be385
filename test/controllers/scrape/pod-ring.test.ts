import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parsePage } from '../../../src/controllers/scrape/page.ts';
import { PodRing } from '../../../src/controllers/scrape/pod-ring.ts';
import { obeysLittle } from '../../../src/core/autoscale/quality.ts';
import type { PoolNumbers } from './support/pool-page.ts';
import { poolPage, protocolEdges } from './support/pool-page.ts';

const page = (requests: number, change: Partial<PoolNumbers> = {}) =>
  parsePage(Buffer.from(poolPage({ requests, response: 0.03, service: 0.025, store: 0.02, cpu: requests * 0.002, ...change })));

/** A pod that is scraped every 2.5 s and answers 100 requests/s. */
const steady = (scrapes: number, change: (index: number) => Partial<PoolNumbers> = () => ({})): PodRing => {
  const ring = new PodRing(15_000, 'first');
  for (let index = 0; index < scrapes; index += 1) ring.add(page(250 * index, change(index)), 2500 * index, 'first');
  return ring;
};

describe('the window of a pod', () => {
  it('holds the differences of its two ends', () => {
    const sample = steady(9).sample(15_000, 21_000);
    expect(sample).toMatchObject({ seconds: 15, ageSeconds: 1, arrivals: 1500, completions: 1500, cpuSeconds: 3, threads: 8, model: 'eventloop' });
    expect(sample?.request.sum).toBeCloseTo(45);
    expect(sample?.request.counts.reduce((a, b) => a + b)).toBe(1500);
    expect(sample !== null && obeysLittle(sample)).toBe(true);
  });

  it('is shorter while there are few scrapes, and nothing with one', () => {
    expect(steady(1).sample(15_000, 0)).toBeNull();
    expect(steady(3).sample(15_000, 5000)).toMatchObject({ seconds: 5, completions: 500 });
  });

  it('reaches back ten minutes when asked to, with few scrapes kept', () => {
    const sample = steady(300).sample(600_000, 300 * 2500);
    expect(sample?.seconds).toBeGreaterThan(500);
    expect((sample?.completions ?? 0) / (sample?.seconds ?? 1)).toBeCloseTo(100);
  });

  it.each([[5, 7.5], [6, 15]])('does not reach back over a change of the pool at scrape %i, where half a window is left: %d s', (change, seconds) => {
    const ring = steady(9, (index) => ({ generation: index < change ? 1 : 2, threads: index < change ? 2 : 8 }));
    expect(ring.sample(15_000, 20_000)).toMatchObject({ seconds, threads: 8 });
  });

  it('starts anew when the edges of a histogram change', () => {
    const ring = steady(9, (index) => ({ edges: protocolEdges(index < 7 ? 0.05 : 0.08) }));
    expect(ring.sample(15_000, 20_000)).toMatchObject({ seconds: 2.5, completions: 250 });
  });

  it('starts anew with another container', () => {
    const ring = steady(9);
    ring.add(page(9_000), 22_500, 'second');
    expect(ring.sample(15_000, 22_500)).toBeNull();
  });

  it('ignores a time that does not advance', () => {
    const ring = steady(3);
    ring.add(page(9999), 5000, 'first');
    ring.add(page(9999), 100, 'first');
    expect(ring.sample(15_000, 5000)?.completions).toBe(500);
  });

  it('counts on through restarts of the counters, however many', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.boolean()), { minLength: 2, maxLength: 7 }), (steps) => {
        const ring = new PodRing(60_000, 'first');
        let counter = 0;
        let [expected, at] = [0, 0];
        ring.add(page(counter), at, 'first');
        for (const [more, isReset] of steps) {
          // After a restart that goes past what it was before, nobody can see that there was one.
          const seen = isReset && more < counter ? more : counter + more;
          expected += more;
          counter = seen;
          at += 2500;
          ring.add(page(counter), at, 'first');
        }
        const sample = ring.sample(60_000, at);
        expect(sample?.completions).toBe(expected);
        expect(sample?.arrivals).toBe(expected);
        expect(sample?.store.counts.reduce((a, b) => a + b)).toBeCloseTo(expected);
        expect(sample?.cpuSeconds).toBeCloseTo(expected * 0.002);
      }),
    );
  });

  it('leaves nonsense as nonsense, for the law to reject, and what is absent as unknown', () => {
    const ring = new PodRing(15_000, 'first');
    const bad = (text: string) => parsePage(Buffer.from(text));
    ring.add(bad('worker_pool_requests_total{code="2xx"} 5\n'), 0, 'first');
    ring.add(bad('worker_pool_requests_total{code="2xx"} NaN\nworker_pool_inflight 3\n'), 2000, 'first');
    expect(ring.sample(15_000, 2000)).toMatchObject({ completions: NaN, cpuSeconds: NaN, inflightSeconds: 6, throttledSeconds: null, gilWaitSeconds: null });
  });
});
