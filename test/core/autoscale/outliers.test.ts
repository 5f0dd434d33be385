import { describe, expect, it } from '@jest/globals';
import { outliers } from '../../../src/core/autoscale/outliers.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { PodSample, PodWindow } from '../../../src/core/autoscale/types.ts';
import { fleet, histogram, input, pod } from './support/fleet.ts';

const completions = 600;

const one = (name: string, node: string | null, serviceMs: number, change: Partial<PodSample> = {}): { pod: PodWindow; sample: PodSample } => {
  const window = pod(name, { rate: 40, pod: { node }, sample: { completions, service: histogram(completions, serviceMs / 1000), runqueueWaitSeconds: 0, ...change } });
  if (window.sample === null) throw new Error('a pod without a sample');
  return { pod: window, sample: window.sample };
};

const equal = [one('a', 'n1', 20), one('b', 'n2', 22), one('c', 'n3', 21)];

describe('pods that are slower than the others', () => {
  it.each<[string, Parameters<typeof outliers>[0]]>([
    ['all are alike', equal],
    ['one is less than twice as slow', [...equal, one('d', 'n4', 40)]],
    ['the difference is below what anybody feels', [one('a', null, 0.5), one('b', null, 0.5), one('c', null, 2)]],
    ['two pods know no typical one', [one('a', null, 20), one('b', null, 90)]],
    ['the slow one has hardly answered', [...equal, one('d', 'n4', 400, { completions: 12 })]],
    ['nothing is there', []],
  ])('are none where %s', (_why, pods) => {
    expect(outliers(pods)).toBe('');
  });

  it('are named with their node, and with what takes longer there', () => {
    const text = outliers([...equal, one('d', 'n4', 140, { runqueueWaitSeconds: completions * 0.11 })]);
    expect(text).toBe('slower than the others: d on node n4 (140 ms a request, 22 ms in the typical pod, 110 ms of the difference waiting for a core)');
  });

  it('are one node where all of its pods are slow', () => {
    const healthy = Array.from({ length: 6 }, (_, index) => one(`p${index}`, `n${index % 3}`, 20));
    expect(outliers([...healthy, one('x', 'bad', 100), one('y', 'bad', 90)])).toMatch(/^slower than the others: the 2 pods on node bad \(100 ms a request, 20 ms in the typical pod\)$/u);
    expect(outliers([...healthy, one('x', 'n0', 100), one('y', 'n0', 90)])).toContain('x on node n0, y on node n0');
  });

  it('are named up to three', () => {
    const healthy = Array.from({ length: 9 }, (_, index) => one(`p${index}`, null, 20));
    expect(outliers([...healthy, ...['v', 'w', 'x', 'y', 'z'].map((name) => one(name, null, 100))])).toContain('v, w, x and 2 more');
  });

  it('stand in the evidence of a decision, whatever limits the typical pod', () => {
    const pods = [...equal, one('d', 'n4', 140)].map((each) => each.pod);
    expect(recommend(input(fleet({ replicas: 4, threads: 8, processes: 1 }, pods))).evidence).toMatch(/^CPU at .*; slower than the others: d on node n4/u);
  });
});
