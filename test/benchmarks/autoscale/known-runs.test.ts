import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import type { Job } from '../../bench/autoscale/job.ts';
import { KnownRuns, filesOf } from '../../bench/autoscale/known-runs.ts';
import { rows } from '../../bench/autoscale/suite.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plateau-known-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const [row] = rows('quick');
if (row === undefined) throw new Error('there are no rows');
const job = (seed: number): Job => ({ row, setting: ['--policy', 'static'], seed });
const result: SimulationResult = { policy: 'static', requests: 10, overObjective: 1, windows: 2, windowsOver: 0, podHours: 1.5, coreHours: 1.5, reversals: 0, maxReplicas: 6, p50Ms: 5, p95Ms: 9, p99Ms: null };

describe('runs of a comparison that goes on where it was ended', () => {
  it('are found again, but for one that was cut off and those of another law', () => {
    const file = join(folder, 'deep', 'runs.jsonl');
    const first = new KnownRuns(file);
    first.add(job(1), result);
    first.add(job(2), result);
    const [, second = ''] = readFileSync(file, 'utf8').split('\n');
    appendFileSync(file, `${second.replace(/"code":"[^"]*"/u, '"code":"another"').replace('|2"', '|3"')}\n${second.slice(0, 40)}`);
    const again = new KnownRuns(file);
    expect([1, 2, 3].map((seed) => again.get(job(seed)))).toEqual([result, result, undefined]);
    again.add(job(4), result);
    expect(new KnownRuns(file).get(job(4))).toEqual(result);
  });

  it('of Plateau depend on the law, and those of peers do not', () => {
    const file = join(folder, 'runs.jsonl');
    const runs = new KnownRuns(file);
    runs.add(job(1), result);
    runs.add({ ...job(1), setting: ['--policy', 'plateau'] }, { ...result, policy: 'plateau' });
    const codes = readFileSync(file, 'utf8').trim().split('\n').map((line) => /"code":"(\w+)"/u.exec(line)?.[1]);
    expect(new Set(codes).size).toBe(2);
    expect(new KnownRuns(file).size).toBe(2);
  });

  it('depend on nothing that only arranges or prints them', () => {
    expect(filesOf('src/cli')).toEqual(['arguments', 'flags', 'policy'].map((name) => `src/cli/simulate-${name}.ts`));
    expect(filesOf('test/bench/autoscale')).toEqual(['job', 'suite', 'worker'].map((name) => `test/bench/autoscale/${name}.ts`));
  });

  it('are not taken from a file that holds something else', () => {
    const file = join(folder, 'runs.jsonl');
    writeFileSync(file, 'hello\n{}\n[1]\nnull\n');
    expect(new KnownRuns(file).size).toBe(0);
  });
});

describe('the rows of a whole comparison', () => {
  it('have names of their own', () => {
    for (const size of ['quick', 'default', 'full'] as const) expect(new Set(rows(size).map(({ name }) => name)).size).toBe(rows(size).length);
    expect(rows('full')).toHaveLength(9 * 4 * 3);
  });
});
