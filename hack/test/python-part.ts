/** Checks and tests the Python package in environments that are made when this machine has none. @module */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreeThreadedPython } from '../../src/local/toolchain/free-threaded-python.ts';
import { MissingTool } from '../../src/local/toolchain/missing-tool.ts';
import { type EnvironmentName, poolPackageSources, pythonEnvironment } from '../../src/local/toolchain/python-environment.ts';
import { messageOf } from '../errors.ts';
import { Interrupted, root, runCommand } from './command.ts';
import { countsOfJunit } from './junit-report.ts';
import type { Counts, PartResult } from './summary.ts';
import { total } from './summary.ts';

export type PythonOutcome = Counts & Pick<PartResult, 'note' | 'warning'>;

const folder = join(root, 'python');

const progress = (line: string): void => console.error(line);

/** An interpreter, or the sentence that says why there is none. */
type Found = { python: string } | { reason: string };

const find = async (name: EnvironmentName, interpreter?: () => Promise<string>): Promise<Found> => {
  try {
    const base = interpreter === undefined ? {} : { interpreter: await interpreter() };
    return await pythonEnvironment({ name, progress, ...base });
  } catch (error) {
    if (error instanceof MissingTool) return { reason: error.message };
    throw error;
  }
};

/** What the integration tests run inside Feast's interpreter. */
const feastScripts = join('..', 'test', 'integration', 'feast', 'python');
/** What `npm run bench causes` serves. */
const causeApplications = join('..', 'test', 'bench', 'causes', 'app');

const checks: readonly (readonly string[])[] = [
  ['ruff', 'check', '.', feastScripts, causeApplications],
  ['ruff', 'format', '--check', '.', feastScripts, causeApplications],
  ['mypy', '--strict'],
];

/** Test files whose path contains one of the words; all without words. */
const testFiles = async (words: readonly string[]): Promise<string[]> => {
  const files = (await readdir(join(folder, 'tests'), { recursive: true })).filter((file) => /(?:^|\/)test_[^/]*\.py$/.test(file));
  const paths = files.map((file) => join('tests', file)).sort();
  return words.length === 0 ? paths : paths.filter((path) => words.some((word) => join('python', path).includes(word.replace(/^\.\//, ''))));
};

const runChecks = async (python: string, deadlineMs: number): Promise<Counts> => {
  const results: Counts[] = [];
  for (const [module = '', ...args] of checks) {
    console.log(`python: ${[module, ...args].join(' ')}`);
    const ok = (await runCommand(python, ['-m', module, ...args], { cwd: folder, deadlineMs })) === 0;
    results.push({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
  }
  return total(results);
};

interface PytestRun {
  python: string;
  files: readonly string[];
  env: NodeJS.ProcessEnv;
  deadlineMs: number;
}

const runPytest = async ({ python, files, env, deadlineMs }: PytestRun): Promise<Counts> => {
  const scratch = await mkdtemp(join(tmpdir(), 'plateau-pytest-'));
  const report = join(scratch, 'report.xml');
  try {
    const code = await runCommand(python, ['-m', 'pytest', '--quiet', '-rfEs', '-o', 'faulthandler_timeout=120', `--junit-xml=${report}`, ...files], { cwd: folder, env, deadlineMs });
    const counts = countsOfJunit(await readFile(report, 'utf8'));
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    console.error(`plateau: pytest left no report: ${messageOf(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const shout = (reason: string): string => {
  const warning = `!!! LEFT OUT: ${reason}`;
  console.error(`\n${warning}\n`);
  return warning;
};

/** Empty means none: the tests then skip and do not search on their own. */
const variable = (found: Found): string => ('python' in found ? found.python : '');

/**
 * Runs the part. Without a Python all of it is skipped, without Feast or a free-threaded Python what needs them; each is said
 * before the run and once more after the table.
 */
export const runPython = async (words: readonly string[], deadlineMs: number): Promise<PythonOutcome> => {
  const files = await testFiles(words);
  if (files.length === 0 && words.length > 0) return { passed: 0, failed: 0, skipped: 0 };
  const own = await find('test');
  if ('reason' in own) return { passed: 0, failed: 0, skipped: files.length + checks.length, note: 'without Python; test files counted', warning: shout(`every test of the Python package. ${own.reason}`) };
  const feast = await find('feast');
  const free = await find('free-threaded', findFreeThreadedPython);
  const warnings: string[] = [];
  if ('reason' in feast) warnings.push(shout(`every test of Feast's own server under the pool package. ${feast.reason}`));
  if ('reason' in free) warnings.push(shout(`every test on a free-threaded Python (the only skip that CI allows). ${free.reason}`));
  const env = { PYTHONPATH: poolPackageSources, PLATEAU_TEST_FEAST: variable(feast), PLATEAU_TEST_FREE_THREADED: variable(free) };
  const checked = words.length === 0 ? [await runChecks(own.python, deadlineMs)] : [];
  const tested = await runPytest({ python: own.python, files, env, deadlineMs });
  return { ...total([...checked, tested]), ...(warnings.length > 0 ? { warning: warnings.join('\n') } : {}) };
};
