import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { edgesFor, fixedEdges } from '../../../src/worker/metrics/edges.ts';
import { addHistogram, Histogram, rebin } from '../../../src/worker/metrics/histogram.ts';
import type { HistogramData } from '../../../src/worker/metrics/histogram.ts';

const objective = fc.integer({ min: 1, max: 5_000_000 }).map((micros) => micros / 1000);
const seconds = fc.double({ min: 0, max: 5, noNaN: true });

const filled = (objectiveMs: number, observations: readonly number[]): HistogramData => {
  const histogram = new Histogram(objectiveMs);
  for (const observation of observations) histogram.observe(observation);
  return histogram.read();
};

/** Cumulative count at each fixed edge, and in all. */
const atFixedEdges = (data: HistogramData): number[] => {
  const edges = edgesFor(data.objectiveMs);
  return [...fixedEdges, Infinity].map((edge) => data.counts.filter((_, index) => (edges[index] ?? Infinity) <= edge).reduce((sum, count) => sum + count, 0));
};

describe('histogram edges', () => {
  it('run from 1 ms to 2 s at a ratio of at most 1.25', () => {
    expect(fixedEdges[0]).toBe(0.001);
    expect(fixedEdges.at(-1)).toBe(2);
    for (const [index, edge] of fixedEdges.slice(1).entries()) expect(edge / (fixedEdges[index] ?? NaN)).toBeLessThanOrEqual(1.25);
  });

  it('have one exactly at the objective, and stay in order', () => {
    fc.assert(
      fc.property(objective, (objectiveMs) => {
        const edges = edgesFor(objectiveMs);
        expect(edges).toContain(objectiveMs / 1000);
        expect(edges).toEqual([...new Set(edges)].toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('a histogram', () => {
  it('counts an observation at an edge into that edge', () => {
    const edges = edgesFor(30);
    for (const [index, edge] of edges.entries()) expect(filled(30, [edge]).counts[index]).toBe(1);
    expect(filled(30, [2.0001]).counts.at(-1)).toBe(1);
  });

  it('keeps the counts at all fixed edges when the objective moves', () => {
    fc.assert(
      fc.property(objective, objective, fc.array(seconds, { maxLength: 50 }), (before, after, observations) => {
        const moved = rebin(filled(before, observations), after);
        expect(atFixedEdges(moved)).toEqual(atFixedEdges(filled(before, observations)));
        expect(moved.counts.every((count) => count >= 0)).toBe(true);
      }),
    );
  });

  it('adds up like one that saw everything', () => {
    fc.assert(
      fc.property(objective, objective, fc.array(seconds), fc.array(seconds), (a, b, first, second) => {
        const sum = addHistogram(filled(a, first), filled(b, second));
        expect(atFixedEdges(sum)).toEqual(atFixedEdges(filled(a, [...first, ...second])));
        expect(sum.sum).toBeCloseTo([...first, ...second].reduce((total, value) => total + value, 0), 6);
      }),
    );
  });
});
