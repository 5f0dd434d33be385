/**
 * The main job with every server but the built-in one, as a user runs it: a short load, and what the report says of it.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decisionRecordSchema } from '../../../src/core/decisions/record.ts';
import { reportSchema } from '../../../src/local/report/report.ts';
import type { Report } from '../../../src/local/report/report.ts';
import { findRuntime, runtimeNames } from '../../../src/local/runtimes/runtimes.ts';
import type { RuntimeName } from '../../../src/local/runtimes/runtimes.ts';
import { MissingTool } from '../../../src/local/toolchain/missing-tool.ts';
import { isAlive, startLocal } from '../../local/support/local-command.ts';
import { onceMore } from './support/once-more.ts';

const expected = {
  waitress: { model: 'threads', gil: 'on' },
  'waitress-orjson': { model: 'threads', gil: 'on' },
  gunicorn: { model: 'processes', gil: 'on' },
  asyncio: { model: 'eventloop', gil: 'on' },
  'free-threaded': { model: 'threads', gil: 'off' },
  feast: { model: 'eventloop', gil: 'on' },
  go: { model: 'processes', gil: 'none' },
} as const;

/** Under this name the test command knows what may be missing even under CI=true. */
const shown = (name: RuntimeName): string => (name === 'free-threaded' ? 'free-threaded Python' : name);

const lacking = async (name: RuntimeName): Promise<MissingTool | undefined> => {
  try {
    await findRuntime(name)?.prepare((line) => process.stderr.write(`${line}\n`));
    return undefined;
  } catch (error) {
    if (error instanceof MissingTool) return error;
    throw error;
  }
};

/** What the law was told last of the sizes that change without a rollout. */
const toldLive = (text: string): unknown => decisionRecordSchema.parse(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).input.windows.live;

const runJob = async (name: RuntimeName): Promise<{ code: number | null; output: string; report: Report; live: unknown }> => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-runtime-'));
  try {
    const path = join(folder, 'report.json');
    const decisions = join(folder, 'decisions.jsonl');
    const run = startLocal(['--runtime', name, '--duration', '20s', '--report', path, '--decisions', decisions]);
    const code = await run.ended;
    return { code, output: run.output(), report: reportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))), live: toldLive(readFileSync(decisions, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

it('every runtime is tried', () => {
  expect(['builtin', ...Object.keys(expected)].toSorted()).toEqual([...runtimeNames].toSorted());
});

for (const name of runtimeNames.filter((runtime) => runtime !== 'builtin')) {
  const missing = process.platform === 'linux' ? await lacking(name) : new MissingTool('the main job is tried on Linux');
  if (missing !== undefined) process.stderr.write(`\n!!! LEFT OUT: "npm start -- --runtime ${name}": ${missing.message}\n\n`);
  (missing === undefined ? describe : describe.skip)(`npm start -- --runtime with ${shown(name)}`, () => {
    it('serves every request, says what it is, and is moved by the operator', () => onceMore(async () => {
      const { code, output, report, live } = await runJob(name);
      expect({ code, output }).toMatchObject({ code: 0 });
      const [fleet] = report.fleets;
      expect(fleet).toMatchObject(expected[name]);
      expect(live).toMatchObject({ threads: name !== 'gunicorn' });
      expect(report.requests.answered).toBe(report.requests.sent);
      expect(report.requests.failed).toBe(0);
      expect(report.requests.sent).toBeGreaterThan(100);
      const [first] = fleet?.seconds ?? [];
      const moved = fleet?.seconds.filter(({ threads, processes, replicas }) => threads !== first?.threads || processes !== first.processes || replicas !== first.replicas) ?? [];
      expect(moved.length).toBeGreaterThan(0);
      expect(fleet?.decisions.length).toBeGreaterThan(0);
      const gil = { on: 'GIL', off: 'GIL off', none: 'no GIL' }[expected[name].gil];
      expect(output).toContain(`${expected[name].model} (${gil})`);
      expect(report.processIds.filter(isAlive)).toEqual([]);
    }), 400_000);
  });
}

describe('a runtime whose tools are missing', () => {
  it.each([
    ['go', { PLATEAU_REDIS_SERVER: '/nowhere/redis-server' }, 'install Redis or Valkey'],
    ['waitress', { PLATEAU_PYTHON: '/nowhere/python3' }, 'install Python 3.11 or newer'],
    ['free-threaded', { PLATEAU_FREE_THREADED_PYTHON: '/nowhere/python3' }, 'PLATEAU_FREE_THREADED_PYTHON'],
  ])('%s: ends with one sentence before anything starts', async (name, env, remedy) => {
    const run = startLocal(['--runtime', name, '--duration', '20s'], env);
    expect(await run.ended).toBe(1);
    expect(run.output().trim().split('\n')).toHaveLength(1);
    expect(run.output()).toContain(remedy);
  }, 60_000);
});
