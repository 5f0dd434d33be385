/**
 * Each scenario of the main job as a user runs it: the class that is read, and what the operator does or refuses.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { reportSchema } from '../../../src/local/report/report.ts';
import type { Report, ScenarioReport } from '../../../src/local/report/report.ts';
import { scenarioNames, scenarios } from '../../../src/local/scenarios/scenarios.ts';
import type { ScenarioName } from '../../../src/local/scenarios/scenarios.ts';
import { MissingTool } from '../../../src/local/toolchain/missing-tool.ts';
import { isAlive, startLocal } from '../../local/support/local-command.ts';
import { onceMore } from './support/once-more.ts';
import { quietMachine } from './support/quiet-machine.ts';

const pods = (shown: ScenarioReport): { more: boolean } => ({ more: (shown.pods?.most ?? 0) > (shown.pods?.from ?? 0) });
const threads = (shown: ScenarioReport): { more: boolean } => ({ more: (shown.threads?.most ?? 0) > (shown.threads?.from ?? 0) });
const reasons = ({ decisions }: ScenarioReport): string[] => decisions.map(({ reason }) => reason);

/** `evaluation.window` of every scenario's fleet, and what a scrape and an evaluation may add to a window, seconds. */
const WINDOW_SECONDS = 4;
const ON_TOP_SECONDS = 2;
/** Windows after which the viewer is to read the right class. */
const MOST_WINDOWS = 3;

/** Windows from the cause to its class; none where the scenario has no class to wait for. */
const windowsToClass = ({ causeSeconds, classSeconds }: ScenarioReport): number =>
  causeSeconds === null || classSeconds === null ? 0 : Math.max(0, classSeconds - causeSeconds - ON_TOP_SECONDS) / WINDOW_SECONDS;

/** What has to be seen besides the class. */
const expected: Record<ScenarioName, (shown: ScenarioReport) => void> = {
  gil: (shown) => {
    expect(pods(shown).more).toBe(true);
    expect(shown.advice).toMatch(/orjson.*free-threaded/u);
  },
  loop: (shown) => {
    expect(pods(shown).more).toBe(false);
    expect(shown.advice).toMatch(/off the event loop.*processes/u);
  },
  store: (shown) => {
    expect(reasons(shown)).toContain('StoreFull');
    expect(threads(shown).more).toBe(true);
    expect(pods(shown).more).toBe(false);
  },
  threads: (shown) => {
    const [first] = shown.decisions;
    expect(first).toMatchObject({ reason: 'ThreadsBelowFloor', to: { replicas: first?.from.replicas } });
  },
  throttled: (shown) => {
    // One pod cannot take the load. What a start costs may have brought the others before.
    expect(shown.pods?.most).toBeGreaterThanOrEqual(2);
    expect(threads(shown).more).toBe(false);
  },
  lock: (shown) => {
    expect(pods(shown).more).toBe(true);
  },
  // One pod cannot take the load at the new cost. Warming up may have brought the second before.
  deploy: (shown) => expect(shown.pods?.to).toBeGreaterThanOrEqual(2),
  neighbour: (shown) => {
    expect(threads(shown).more).toBe(false);
    expect(shown.advice).toMatch(/neighbour/u);
  },
};

const lacking = async (name: ScenarioName): Promise<MissingTool | undefined> => {
  if (process.platform !== 'linux') return new MissingTool('scenarios are tried on Linux');
  try {
    await scenarios[name].prepare((line) => process.stderr.write(`${line}\n`));
    return undefined;
  } catch (error) {
    if (error instanceof MissingTool) return error;
    throw error;
  }
};

const show = async (name: ScenarioName): Promise<{ code: number | null; output: string; report: Report }> => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-scenario-'));
  try {
    const path = join(folder, 'report.json');
    const run = startLocal(['--scenario', name, '--duration', '55s', '--report', path]);
    const code = await run.ended;
    return { code, output: run.output(), report: reportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Each takes a minute of a quiet machine: all of them with PLATEAU_SCENARIOS=all, else those that need nothing but Node. */
const names: readonly ScenarioName[] = process.env['PLATEAU_SCENARIOS'] === 'all' ? scenarioNames : ['threads', 'loop'];

for (const name of names) {
  const missing = await lacking(name);
  if (missing !== undefined) process.stderr.write(`\n!!! LEFT OUT: "npm start -- --scenario ${name}": ${missing.message}\n\n`);
  (missing === undefined ? describe : describe.skip)(`npm start -- --scenario ${name}`, () => {
    it('is told, named by its class, and answered', () => onceMore(async () => {
      await quietMachine(60_000);
      const { code, output, report } = await show(name);
      const { scenario } = report;
      if (scenario === undefined) throw new Error(`the report tells of no scenario: ${output}`);
      expect({ code, output }).toMatchObject({ code: 0 });
      expect(output).toContain(scenarios[name].cause);
      expect(scenario).toMatchObject({ name, causeSeconds: expect.any(Number), classSeconds: scenarios[name].class === null ? null : expect.any(Number) });
      expect(windowsToClass(scenario)).toBeLessThanOrEqual(MOST_WINDOWS);
      expected[name](scenario);
      expect(output).not.toContain('the operator ended');
      expect(report.processIds.filter(isAlive)).toEqual([]);
    }), 400_000);
  });
}

describe('a scenario that this machine cannot show', () => {
  it.each([
    ['store', { PLATEAU_REDIS_SERVER: '/nowhere/redis-server' }, 'install Redis or Valkey'],
    ['gil', { PLATEAU_PYTHON: '/nowhere/python3' }, 'install Python 3.11 or newer'],
  ])('%s: ends with one sentence before anything starts', async (name, env, remedy) => {
    const run = startLocal(['--scenario', name, '--duration', '20s'], env);
    expect(await run.ended).toBe(2);
    expect(run.output().trim().split('\n')).toHaveLength(1);
    expect(run.output()).toContain(remedy);
  }, 60_000);
});
