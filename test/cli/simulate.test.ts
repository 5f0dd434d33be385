import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { inMs, readSimulateArguments, simulateUsage } from '../../src/cli/simulate-arguments.ts';
import { simulateFlags } from '../../src/cli/simulate-flags.ts';
import { policyFor } from '../../src/cli/simulate-policy.ts';
import { runSimulate } from '../../src/cli/simulate.ts';
import { plateauSpec } from '../../src/sim/policies/plateau-spec.ts';
import { parseProfile } from '../../src/sim/profile.ts';

const needed = ['--trace', 't.csv', '--profile', 'p.json'];

describe('readSimulateArguments', () => {
  it('knows the defaults', () => {
    expect(readSimulateArguments(needed)).toMatchObject({ policy: 'plateau', scale: 1, objective: 0.05, threads: 4, replicas: 2, min: 1, max: 100, seed: 1, json: false, tolerance: 0.1, 'down-stabilization': 300 });
  });

  it.each([
    [[], '--trace FILE is needed'],
    [[...needed, '--polcy', 'kpa'], 'did you mean --policy?'],
    [[...needed, '--policy', 'vpa'], '--policy vpa: must be one of plateau, hpa-cpu, hpa-p95, kpa, keda-rps, static'],
    [[...needed, '--scale', '0'], '--scale 0: must be a number above 0'],
    [[...needed, '--scale', 'x'], '--scale x: must be a number above 0'],
    [[...needed, '--objective', '50'], '--objective 50: must be a duration from 1ms to 1m, such as 50ms'],
    [[...needed, '--threads', '0'], 'from 1 to 1024'],
    [[...needed, '--max-threads', '1025'], 'from 1 to 1024'],
    [[...needed, '--max-processes', '65'], '--max-processes 65: must be a whole number from 1 to 64'],
    [[...needed, '--max', '5001'], 'from 1 to 5000'],
    [[...needed, '--seed', '1.5'], 'whole number'],
    [[...needed, '--min', '5', '--max', '4'], '--min 5 is more than --max 4'],
    [[...needed, '--replicas', '9', '--max', '4'], '--replicas 9 is not between --min 1 and --max 4'],
    [[...needed, '--threads', '9', '--max-threads', '8'], '--threads 9 is more than --max-threads 8'],
    [[...needed, '--policy', 'kpa', '--cpu-target', '50'], '--cpu-target is for hpa-cpu, and the policy is kpa'],
    [[...needed, 'extra'], 'extra'],
  ])('refuses %j and says why', (argv, part) => {
    expect(() => readSimulateArguments(argv)).toThrow(part);
  });

  it('explains every flag', () => {
    for (const name of Object.keys(simulateFlags)) expect(simulateUsage()).toContain(`--${name}`);
    expect(readSimulateArguments(['--help'])).toBeNull();
  });
});

const least = { model: 'threads', cpuMs: 5, storeMs: { median: 4, sigma: 0.5 } };

describe('policyFor', () => {
  const policy = (argv: readonly string[], profile: object = {}): unknown => {
    const read = readSimulateArguments([...needed, ...argv]);
    return read === null ? undefined : policyFor(read, parseProfile({ ...least, ...profile }));
  };

  it('takes every objective as it was written, in steps of a tenth and of whole milliseconds', () => {
    const steps = [...Array.from({ length: 2991 }, (_, index) => (10 + index) / 10), ...Array.from({ length: 1701 }, (_, index) => 300 + index)];
    for (const ms of steps) {
      const read = readSimulateArguments([...needed, '--objective', `${ms}ms`]);
      const objectiveMs = inMs(read?.objective ?? 0);
      expect(plateauSpec({ bounds: { min: 1, max: 2 }, objectiveMs, threads: { initial: 4, max: 32 }, processes: 1, coreLimit: 1 }).objectiveMs).toBe(ms);
    }
  });

  it.each<[string, string[], object]>([
    ['the shortest objective', ['--objective', '1ms'], {}],
    ['the longest objective', ['--objective', '1m'], {}],
    ['an objective finer than nanoseconds', ['--objective', '1.000000001ms'], {}],
    ['an objective of several units', ['--objective', '1s1ms1us1ns'], {}],
    ['the most threads', ['--threads', '1024', '--max-threads', '1024'], {}],
    ['more threads at the start than are usual at most', ['--threads', '1024'], {}],
    ['the most processes', ['--max-processes', '64'], {}],
    ['the most pods', ['--max', '5000', '--min', '5000', '--replicas', '5000'], {}],
    ['the largest profile', [], { processes: 64, coreLimit: 1024 }],
    ['the smallest profile', [], { coreLimit: 0.01 }],
    ['a profile without a limit', [], { coreLimit: null }],
  ])('takes %s', (_name, argv, profile) => expect(policy(argv, profile)).toMatchObject({ name: 'plateau' }));

  it('takes whatever the command line and the profile may say', () => {
    const argument = fc.record({ objective: fc.double({ min: 1, max: 60_000, noNaN: true }), threads: fc.integer({ min: 1, max: 1024 }), most: fc.integer({ min: 1, max: 1024 }), processes: fc.integer({ min: 1, max: 64 }) });
    const cores = fc.option(fc.double({ min: 0.01, max: 1024, noNaN: true }));
    fc.assert(fc.property(argument, cores, fc.integer({ min: 1, max: 64 }), ({ objective, threads, most, processes }, coreLimit, started) => {
      const argv = ['--objective', `${objective.toFixed(6)}ms`, '--threads', String(threads), '--max-threads', String(Math.max(threads, most)), '--max-processes', String(processes)];
      expect(policy(argv, { coreLimit, processes: started })).toBeDefined();
    }));
  });
});

describe('plateau simulate', () => {
  let folder = '';
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'plateau-simulate-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (argv: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
    const [out, err] = [jest.spyOn(process.stdout, 'write').mockReturnValue(true), jest.spyOn(process.stderr, 'write').mockReturnValue(true)];
    try {
      const code = await runSimulate(argv);
      const text = (calls: unknown[][]): string => calls.map(([written]) => String(written)).join('');
      return { code, out: text(out.mock.calls), err: text(err.mock.calls) };
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  };
  const trace = (): string => file('trace.csv', 'seconds,requests_per_second\n0,40\n60,80\n120,40\n');
  const profile = (): string => file('profile.json', '{"model":"threads","cpuMs":5,"gilMs":5,"storeMs":{"median":4,"sigma":0.5},"storeConcurrency":null,"coreLimit":1,"processes":1,"startupSeconds":20,"neighbourCores":0,"changes":[{"atSeconds":60,"cpuMs":10}]}');

  it('prints the named fields as one line of JSON, the same for the same seed, and writes the decisions', async () => {
    const decisions = join(folder, 'decisions.jsonl');
    const argv = ['--trace', trace(), '--profile', profile(), '--scale', '1.5', '--seed', '3', '--json', '--decisions', decisions];
    const first = await run(argv);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(Object.keys(JSON.parse(first.out))).toEqual(['policy', 'requests', 'overObjective', 'windows', 'windowsOver', 'podHours', 'coreHours', 'reversals', 'maxReplicas', 'p50Ms', 'p95Ms', 'p99Ms']);
    expect(first.out.trim().split('\n')).toHaveLength(1);
    const written = readFileSync(decisions, 'utf8');
    expect(written.trim().split('\n').map((line) => JSON.parse(line).seconds)).toEqual(Array.from({ length: 36 }, (_, index) => 5 * (index + 1)));
    expect((await run(argv)).out).toBe(first.out);
    expect(readFileSync(decisions, 'utf8')).toBe(written);
  });

  it('runs a part of the trace and prints a table for people', async () => {
    const { out } = await run(['--trace', trace(), '--profile', profile(), '--policy', 'static', '--start', '1m', '--duration', '30s']);
    expect(out).toMatch(/^policy +static\nrequests +2[0-9]{3}\n/u);
    expect(out).toContain('minutes over    0 of 1');
  });

  it.each([
    ['a trace that is none', () => ['--trace', file('bad.csv', 'a,b\n1,2\n'), '--profile', profile()], /bad\.csv:1: the first line must be/u],
    ['a trace that is not there', () => ['--trace', join(folder, 'none.csv'), '--profile', profile()], /--trace .*none\.csv cannot be read: ENOENT/u],
    ['a trace that is a folder', () => ['--trace', folder, '--profile', profile()], /--trace \/.* cannot be read: EISDIR/u],
    ['a profile that is no JSON', () => ['--trace', trace(), '--profile', file('bad.json', '{')], /--profile .*bad\.json is no JSON: /u],
    ['a profile that steers the terminal', () => ['--trace', trace(), '--profile', file('bad.json', '\u001b[31m')], /is no JSON: [ -~\n]*$/u],
    ['decisions over the profile that is read', () => ['--trace', trace(), '--profile', profile(), '--decisions', profile()], /--decisions .* would overwrite what is read: name another file/u],
    ['a profile with a field that there is not', () => ['--trace', trace(), '--profile', file('bad.json', '{"model":"threads","cpuMs":5,"storeMs":{"median":4,"sigma":0.5},"cores":2}')], /bad\.json: .*cores/u],
    ['a profile with a wrong number', () => ['--trace', trace(), '--profile', file('bad.json', '{"model":"threads","cpuMs":-5,"storeMs":{"median":4,"sigma":0.5}}')], /bad\.json: cpuMs: /u],
    ['a start behind the end', () => ['--trace', trace(), '--profile', profile(), '--start', '1h'], /--start 3600s: the trace .* ends after 180 s/u],
    ['fewer processes than there are', () => ['--trace', trace(), '--profile', file('two.json', JSON.stringify({ ...least, processes: 2 })), '--max-processes', '1'], /--max-processes 1: the profile .*two\.json starts with 2/u],
    ['more requests than anybody waits for', () => ['--trace', file('absurd.csv', 'seconds,requests_per_second\n0,1e300\n60,1e300\n'), '--profile', profile()], /asks for more than 1000000000 requests: lower --scale or --duration/u],
    ['decisions to a full disk', () => ['--trace', trace(), '--profile', profile(), '--decisions', '/dev/full'], /--decisions \/dev\/full cannot be written: ENOSPC/u],
    ['decisions to nowhere', () => ['--trace', trace(), '--profile', profile(), '--decisions', join(folder, 'no', 'd.jsonl')], /--decisions .*d\.jsonl cannot be written: ENOENT/u],
  ])('refuses %s in one sentence and ends with 2', async (_name, argv, sentence) => {
    const { code, out, err } = await run(argv());
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
