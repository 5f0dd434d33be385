/** Runs one of jest's projects and counts its tests. @module */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { Interrupted, root, runCommand } from './command.ts';
import { countsOf } from './jest-report.ts';
import type { Counts } from './summary.ts';

export interface JestOptions {
  project: 'unit' | 'integration';
  paths: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** A run that takes longer is ended, ms. */
  deadlineMs: number;
}

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');

/** Integration tests start servers and take turns, or they would slow each other past their deadlines. */
const flagsFor = ({ project, paths }: JestOptions, outputFile: string): string[] => [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  jest,
  `--selectProjects=${project}`,
  '--passWithNoTests',
  '--json',
  `--outputFile=${outputFile}`,
  ...(project === 'integration' ? ['--runInBand'] : []),
  ...(paths.length > 0 ? ['--testPathPatterns', ...paths] : []),
];

/** Runs jest; when it leaves no readable report, that is one failure. @throws Interrupted, and when there is no room for the report. */
export const runJest = async (options: JestOptions): Promise<Counts> => {
  const folder = await mkdtemp(join(tmpdir(), 'plateau-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runCommand(process.execPath, flagsFor(options, report), options);
    const counts = countsOf(await readFile(report, 'utf8'));
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    console.error(`plateau: jest left no report of its ${options.project} tests: ${messageOf(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
