import { describe, expect, it } from '@jest/globals';
import { falseAlarms, judge } from '../../bench/causes/evaluate.ts';
import { parseRecording, serialise } from '../../bench/causes/recording.ts';
import type { Evaluation, Recording } from '../../bench/causes/recording.ts';
import { signalsOf } from '../../bench/causes/signals.ts';
import { pod, spec, start } from '../../core/autoscale/support/fleet.ts';
import type { PodLoad } from '../../core/autoscale/support/fleet.ts';

const evaluation = (phase: Evaluation['phase'], index: number, load: PodLoad): Evaluation => ({
  phase,
  sinceOnsetSeconds: 5 * (index + 1),
  foreignCores: 0,
  stealCores: 0,
  input: {
    spec: spec(),
    now: start + 5000 * index,
    windows: {
      current: { replicas: 1, threads: load.threads ?? 8, processes: 1 },
      readyReplicas: 1, terminating: 0, rollingOut: false, templateHash: 'a', blocked: null,
      pods: [pod('pod', load)],
    },
  },
});

const load = { sent: 1, answered: 1, p50Ms: 1, p95Ms: 2, perSecond: 1, failures: '' };

const recording = (truth: Recording['head']['truth'], during: PodLoad, after: readonly PodLoad[] = []): Recording => ({
  head: {
    version: 1, scenario: 'test', truth, split: 'training', server: 'waitress', setting: {}, at: '2026-03-01T00:00:00Z', machine: {},
    capacityPerSecond: 100, before: load, during: load, foreignCores: 0, stealCores: 0, removals: [],
  },
  evaluations: [...[0, 1, 2].map((index) => evaluation('before', index, { rate: 50, threads: 2 })), ...[3, 4, 5, 6].map((index) => evaluation('during', index, during)), ...after.map((later, index) => evaluation('during', 7 + index, later))],
});

describe('a recording', () => {
  it('comes back from its lines as it was, nonsense included', () => {
    const before = recording('THREADS', { rate: 200, threads: 2, sample: { arrivals: Number.NaN } });
    expect(parseRecording(serialise(before), 'file')).toEqual(before);
  });

  it('is refused by file and line when a line is none', () => {
    expect(() => parseRecording(`${serialise(recording('OK', { rate: 50 })).split('\n')[0]}\n{}\n`, 'file.jsonl')).toThrow(/^file\.jsonl:2 is no line of a recording/u);
  });
});

describe('judge', () => {
  it('carries the memory and tells when the right class came', () => {
    const verdict = judge(recording('THREADS', { rate: 400, threads: 2, cpu: 0.001, store: 0.02 }));
    expect(verdict.found).toBe('THREADS');
    // Entered on three of four evaluations, so not on the first: only with memory.
    expect(verdict.secondsToTruth).toBeGreaterThan(20);
  });

  it('takes the class that more threads were given for when they brought answers, and the last one when they did not', () => {
    const few = { rate: 400, threads: 2, cpu: 0.001, store: 0.02 };
    const better = Array.from({ length: 6 }, (): PodLoad => ({ ...few, threads: 24 }));
    const cured = judge(recording('THREADS', few, better));
    expect([cured.judged.at(-1)?.class, cured.found]).toEqual(['OK', 'THREADS']);
    const full = Array.from({ length: 6 }, (): PodLoad => ({ ...few, threads: 24, store: 0.24 }));
    const { head } = recording('STORE', few);
    const useless = judge({ ...recording('STORE', few, full), head: { ...head, capacityPerSecond: 500 } });
    expect([useless.judged.at(-1)?.class, useless.found]).toEqual(['STORE', 'STORE']);
  });

  it('counts a named cause in healthy time as a false alarm', () => {
    const healthy = judge(recording('OK', { rate: 50, threads: 2 }));
    expect(falseAlarms([healthy])).toMatchObject({ alarms: 0, actions: 0 });
    const wrong = judge(recording('OK', { rate: 400, threads: 2, cpu: 0.001, store: 0.02 }));
    expect(falseAlarms([wrong]).alarms).toBe(1);
    expect(falseAlarms([wrong]).hours).toBeCloseTo((7 * 5) / 3600);
  });
});

describe('signalsOf', () => {
  it('divides by requests, by CPU, and leaves out what is not reported', () => {
    const { sample } = pod('pod', { rate: 100, cpu: 0.004, seconds: 10, sample: { runqueueWaitSeconds: 2, gilWaitSeconds: 1, gilProbeSeconds: 4, lockWaitSeconds: null } });
    if (sample === null) throw new Error('no sample');
    const signals = signalsOf(sample, 2);
    expect(signals.cpuMs).toBeCloseTo(4);
    expect(signals.runqueueMs).toBeCloseTo(2);
    expect(signals.runqueuePerCpu).toBeCloseTo(0.5);
    expect(signals.gilShare).toBeCloseTo(0.25);
    expect(signals.limitShare).toBeCloseTo(0.2);
    expect(signals.lockMs).toBeNull();
  });
});
