import { describe, expect, it } from '@jest/globals';
import type { Evaluation, Recording } from '../../bench/causes/recording.ts';
import { besideModel } from '../../bench/causes/report/beside-model.ts';
import { pod, spec, start } from '../../core/autoscale/support/fleet.ts';

const size = { threads: 8, processes: 1 };

/** Ten seconds of a pod that reports these cores and this CPU of a request, seconds. */
const evaluation = (phase: Evaluation['phase'], cores: number, cpu: number): Evaluation => ({
  phase, sinceOnsetSeconds: 10, foreignCores: 0, stealCores: 0,
  input: {
    spec: spec(), now: start,
    windows: {
      current: { replicas: 1, ...size }, readyReplicas: 1, terminating: 0, rollingOut: false, templateHash: 'a', blocked: null,
      pods: [pod('pod', { rate: 1, sample: { seconds: 10, cpuSeconds: 10 * cores, completions: (10 * cores) / cpu } })],
    },
  },
});

const loadOf = (perSecond: number) => ({ sent: 1, answered: 1, p50Ms: 10, p95Ms: 20, perSecond, failures: '' });

/** 10 ms of CPU a request under a quota of half a core: 20 a second before the cause, 80 with it. */
const recording = (during: { share: number } | { clients: number }, measured: number): Recording => ({
  head: {
    version: 1, scenario: 'throttled', truth: 'OK', split: 'training', server: 'waitress', at: '2026-03-01T00:00:00Z', machine: { cores: 2 },
    setting: { size, work: { cpuMs: 10 }, store: { before: { places: null, serviceMs: 4 } }, quota: 0.5, load: { during } },
    capacityPerSecond: 100, before: loadOf(20), during: loadOf(80), foreignCores: 0, stealCores: 0, removals: [],
  },
  evaluations: [evaluation('before', 0.2, 0.01), evaluation('during', measured, 0.02)],
});

/** Measured and modelled cores of each row of the table. */
const coresIn = (text: string): number[][] =>
  text.split('\n').filter((line) => line.startsWith('| throttled')).map((line) => line.split(' | ').slice(6, 8).map(Number));

describe('the fleet model beside recordings', () => {
  it('shows the CPU that the model used, which its quota holds down, and not the load times the CPU of a request', () => {
    const [before, during] = coresIn(besideModel([recording({ share: 0.8 }, 0.6)]));
    expect(before?.[0]).toBe(0.2);
    expect(before?.[1]).toBeCloseTo(0.2, 1);
    expect(during).toEqual([0.6, 0.5]);
  });

  it('says above the table how near the CPU came, with the rows of the cause apart', () => {
    const [, summary = '', rows = ''] = besideModel([recording({ share: 0.8 }, 0.6)]).split('\n\n');
    expect(summary).toMatch(/^Of 2 p95s of the model \d lie within 15 % of the measured one, \d within 30 %\./u);
    expect(summary).toContain('Of 1 figures of CPU with the cause 0 lie within 15 % of the measured one, 1 within 30 %.');
    expect(rows).toMatch(/^\| scenario \| phase /u);
  });

  it('leaves out a closed loop of the cause and what the model does not know', () => {
    const closed = recording({ clients: 8 }, 0.6);
    const text = besideModel([closed]);
    expect(coresIn(text)).toHaveLength(1);
    expect(text).not.toContain('figures of CPU with the cause');
    expect(besideModel([{ ...closed, head: { ...closed.head, setting: { ...closed.head.setting, hogs: 2 } } }])).toBe('');
  });
});
