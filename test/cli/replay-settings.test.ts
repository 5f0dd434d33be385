import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../src/cli/replay-settings.ts';
import type { AutoscaleSpec } from '../../src/core/autoscale/types.ts';
import { spec } from '../core/autoscale/support/fleet.ts';

const base = spec({ replicas: { min: 1, max: 4 } });

describe('settings of a replay', () => {
  it.each<[string[], Partial<AutoscaleSpec>]>([
    [['scaling.replicas.max=20'], { replicas: { min: 1, max: 20 } }],
    [['spec.scaling.replicas.min=2', 'scaling.replicas.max=8'], { replicas: { min: 2, max: 8 } }],
    [['objective.p95=1.5s'], { objectiveMs: 1500 }],
    [['scaling.mode=ThreadsOnly'], { mode: 'ThreadsOnly' }],
    [['scaling.maxConcurrency=400'], { maxConcurrency: 400 }],
    [['scaling.scaleDown.enabled=false'], { scaleDown: { ...base.scaleDown, enabled: false } }],
    [['scaling.scaleDown.stabilization=1h'], { scaleDown: { ...base.scaleDown, stabilizationMs: 3_600_000 } }],
    [['scaling.evaluation.window=1m'], { evaluation: { periodMs: 5000, windowMs: 60_000 } }],
    [['pool.threads.max=64', 'pool.threads.initial=16'], { threads: { min: 1, max: 64, initial: 16 } }],
    [['pool.processes.max=4'], { processes: { min: 1, max: 4 } }],
    [['pool.warmUp=0s'], { warmUpMs: 0 }],
  ])('%j', (texts, part) => {
    expect(readSettings(texts)(base)).toEqual({ ...base, ...part });
  });

  it('fit a recorded objective that arithmetic has left with sixteen digits', () => {
    const recorded = { ...base, objectiveMs: 1000 * (63.7 / 1000) };
    expect(readSettings(['scaling.replicas.max=20'])(recorded)).toEqual({ ...recorded, replicas: { min: 1, max: 20 } });
  });

  it.each<[string, RegExp]>([
    ['scaling.replicas.max', /write PATH=VALUE/],
    ['replicas.max=3', /"replicas\.max" is no field .*did you mean scaling\.replicas\.max\?/],
    ['max=3', /did you mean pool\.threads\.max or pool\.processes\.max or scaling\.replicas\.max\?/],
    ['scaling.replica.max=3', /did you mean scaling\.replicas\.max\?/],
    ['server.builtin.image=x', /no field that the control law reads; the law reads objective\.p95, /],
    ['__proto__=1', /no field/],
    ['scaling.replicas.max=many', /--set scaling\.replicas\.max=[a-z0-9.]+: .*expected number/],
    ['scaling.replicas.max=1.5', /--set scaling\.replicas\.max=[a-z0-9.]+: .*int/],
    ['scaling.replicas.max=0', /--set scaling\.replicas\.max=[a-z0-9.]+: .*>=1/],
    ['scaling.replicas.max=6000', /--set scaling\.replicas\.max=[a-z0-9.]+: .*<=5000/],
    ['objective.p95=30', /--set objective\.p95=30: not a duration; write it like 30ms/],
    ['objective.p95=soon', /--set objective\.p95=\w+: not a duration/],
    ['objective.p95=2h', /--set objective\.p95=\w+: not a duration from 1ms to 1m/],
    ['scaling.mode=Fast', /--set scaling\.mode=Fast: .*"Auto"/],
    ['scaling.scaleDown.enabled=maybe', /--set scaling\.scaleDown\.enabled=maybe: .*boolean/],
  ])('refuses %s', (text, message) => {
    expect(() => readSettings([text])).toThrow(message);
  });

  it.each<[string, RegExp]>([
    ['scaling.replicas.min=9', /do not fit the recorded spec: scaling\.replicas needs min <= max.*; recorded scaling\.replicas: {"min":1,"max":4}/],
    ['scaling.evaluation.window=1s', /do not fit the recorded spec: .*window/],
    ['pool.threads.max=4', /pool\.threads needs min <= initial <= max/],
  ])('refuses %s where the rest of the recorded spec forbids it', (text, message) => {
    const change = readSettings([text]);
    expect(() => change(base)).toThrow(message);
  });

  it('names no recorded value for a rule of the whole spec', () => {
    const change = readSettings(['scaling.replicas.min=4', 'scaling.maxConcurrency=1']);
    expect(() => change(base)).toThrow(/do not fit the recorded spec: [^;]*maxConcurrency[^;]*$/);
  });
});
