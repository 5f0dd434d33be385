import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import { histogramNames } from '../metrics/metrics-page.ts';
import type { Histogram } from '../metrics/metrics-page.ts';

const firstEdge = 0.001;
const lastEdge = 2;
const largestRatio = 1.25;
/** Edges are written with some digits, and a ratio of 1.25 may come out a little above. */
const rounding = 1.002;

/** Edges close enough to merge and to interpolate, with one at the objective; buckets that add up. @module */
export const histogramEdges: Check = {
  name: 'histogram-edges',
  title: 'histogram edges run from 1 ms to 2 s, close to each other, one at the objective; buckets are cumulative',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    const [page, { objectiveMs }] = [await subject.scrape(), await subject.state()];
    const problems = histogramNames.flatMap((name): Problem[] => {
      const histogram = page.histogram(name);
      if (histogram === undefined) return [{ expected: `a histogram ${poolMetrics[name]}`, seen: 'none' }];
      return problemsOf(histogram, objectiveMs / 1000).map(({ expected, seen }) => ({ expected: `${poolMetrics[name]}: ${expected}`, seen }));
    });
    return passUnless(problems, `${page.histogram('requestSeconds')?.edges.length ?? 0} edges, one at ${objectiveMs} ms`);
  },
};

const problemsOf = (histogram: Histogram, objective: number): Problem[] => [...edgeProblems(histogram.edges.filter(Number.isFinite), objective), ...bucketProblems(histogram)];

const edgeProblems = (edges: readonly number[], objective: number): Problem[] => {
  const problems: Problem[] = [];
  const [first = NaN, last = NaN] = [edges[0], edges.at(-1)];
  if (!(first > 0 && first <= firstEdge * rounding)) problems.push({ expected: `the first edge is at most ${firstEdge} s`, seen: `${first} s` });
  if (!(last * rounding >= lastEdge)) problems.push({ expected: `the last edge is at least ${lastEdge} s`, seen: `${last} s` });
  const wide = edges.findIndex((edge, index) => index > 0 && edge / (edges[index - 1] ?? NaN) > largestRatio * rounding);
  if (wide > 0) problems.push({ expected: `neighbours at a ratio of at most ${largestRatio}`, seen: `${edges[wide - 1]} s and ${edges[wide]} s` });
  if (!edges.some((edge) => Math.abs(edge / objective - 1) < 1e-9)) problems.push({ expected: `an edge exactly at the objective, le="${objective}"`, seen: `the nearest is ${nearest(edges, objective)} s` });
  return problems;
};

const bucketProblems = ({ edges, counts, count, sum }: Histogram): Problem[] => {
  const problems: Problem[] = [];
  const all = edges.at(-1) === Infinity ? counts.at(-1) : undefined;
  if (all === undefined || all !== count) problems.push({ expected: 'the bucket le="+Inf" equals _count', seen: `${all ?? 'no such bucket'} and ${count}` });
  const falling = counts.findIndex((value, index) => index > 0 && value < (counts[index - 1] ?? 0));
  if (falling > 0) problems.push({ expected: 'buckets are cumulative', seen: `${counts[falling - 1]} below ${edges[falling - 1]} s and ${counts[falling]} below ${edges[falling]} s` });
  if (!(sum >= 0)) problems.push({ expected: 'a _sum that is a number', seen: String(sum) });
  return problems;
};

const nearest = (edges: readonly number[], to: number): number | undefined => edges.toSorted((left, right) => Math.abs(left - to) - Math.abs(right - to))[0];
