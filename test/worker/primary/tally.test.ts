import { describe, expect, it } from '@jest/globals';
import { addTotals, emptyTotals } from '../../../src/worker/metrics/snapshot.ts';
import type { Snapshot } from '../../../src/worker/metrics/snapshot.ts';
import { Tally } from '../../../src/worker/primary/tally.ts';
import { Histogram } from '../../../src/worker/metrics/histogram.ts';
import { knobs, noProcesses } from '../support/processes.ts';

const snapshot = (change: Partial<Snapshot>): Snapshot => ({
  ...emptyTotals(100),
  inflight: 0,
  queueDepth: 0,
  storeReached: true,
  storeProblem: undefined,
  ...change,
});

describe('the sum over processes', () => {
  it('keeps the counters of a process that is gone, but not what it held', () => {
    const tally = new Tally(100);
    const dead = { slot: 0, snapshot: snapshot({ arrivals: 10, cpuSeconds: 2, inflight: 3, queueDepth: 1, requests: { '2xx': 9 } }) };
    const alive = { slot: 1, snapshot: snapshot({ arrivals: 5, cpuSeconds: 1, inflight: 2, requests: { '2xx': 4, '5xx': 1 } }) };
    const before = tally.sum([dead, alive], 100);
    tally.keep(dead);
    const after = tally.sum([alive], 100);
    expect(after.totals).toEqual(before.totals);
    expect([after.inflight, after.queueDepth]).toEqual([2, 0]);
    expect(after.totals.requests).toEqual({ '2xx': 13, '5xx': 1 });
  });

  it('adds a successor to its slot', () => {
    const tally = new Tally(100);
    tally.keep({ slot: 0, snapshot: snapshot({ cpuSeconds: 2 }) });
    const figures = tally.sum([{ slot: 0, snapshot: snapshot({ cpuSeconds: 0.5 }) }, { slot: 1, snapshot: undefined }], 100);
    expect([...figures.slotCpuSeconds]).toEqual([[0, 2.5]]);
  });

  it('shows the histograms at the objective of now', () => {
    const tally = new Tally(100);
    const histograms = emptyTotals(100).histograms;
    histograms.request.counts[0] = 4;
    tally.keep({ slot: 0, snapshot: snapshot({ histograms }) });
    const { request } = tally.sum([], 33.3).totals.histograms;
    expect(request.objectiveMs).toBe(33.3);
    expect(request.counts[0]).toBe(4);
  });

  it('lets no count fall when a process ends after the objective has changed', async () => {
    const processes = noProcesses();
    await processes.apply(0, { ...knobs, objectiveMs: 42 });
    const request = new Histogram(42);
    for (let count = 0; count < 1000; count++) request.observe(0.0415);
    const living = { slot: 0, snapshot: snapshot({ ...emptyTotals(42), histograms: { ...emptyTotals(42).histograms, request: request.read() } }) };
    const before = processes.tally.sum([living], 42).totals.histograms;
    processes.tally.keep(living);
    expect(processes.tally.sum([], 42).totals.histograms).toEqual(before);
  });

  it('is the same in any order', () => {
    const a = snapshot({ arrivals: 1, rejected: { queue_full: 2 } });
    const b = snapshot({ arrivals: 2, requests: { '4xx': 1 } });
    expect(addTotals(a, b)).toEqual(addTotals(b, a));
  });
});
