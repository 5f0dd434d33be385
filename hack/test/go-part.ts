/** Checks and tests the example server in Go. @module */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { messageOf, propertyOf } from '../errors.ts';
import { root, runCommand } from './command.ts';
import type { Counts, PartResult } from './summary.ts';

export type GoOutcome = Counts & Pick<PartResult, 'note' | 'warning'>;

const run = promisify(execFile);
const folder = join(root, 'examples', 'go-feature-server');

const environment = { GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };

/** An event of `go test -json`; those of a package carry no test. */
const event = z.object({ Action: z.string(), Test: z.string().optional(), Output: z.string().optional() });

/**
 * Counts what `go test -json` printed: tests with their rows. A package that does not even build is one failure.
 * @throws when a line is no event
 */
export const countsOfGo = (output: string): Counts => {
  const events = output.split('\n').filter((line) => line.startsWith('{')).map((line) => event.parse(JSON.parse(line)));
  const count = (action: string): number => events.filter(({ Action, Test }) => Action === action && Test !== undefined).length;
  const broken = events.some(({ Action, Test }) => Action === 'fail' && Test === undefined);
  const failed = count('fail');
  return { passed: count('pass'), failed: failed === 0 && broken ? 1 : failed, skipped: count('skip') };
};

const failures = (output: string): string =>
  output.split('\n').filter((line) => line.startsWith('{')).map((line) => event.parse(JSON.parse(line)).Output ?? '').filter((line) => !/^(?:=== |--- PASS|ok )/.test(line.trim())).join('');

const test = async (deadlineMs: number): Promise<Counts> => {
  try {
    const { stdout } = await run('go', ['test', '-json', './...'], { cwd: folder, env: { ...process.env, ...environment }, timeout: deadlineMs, maxBuffer: 64 * 1024 * 1024 });
    return countsOfGo(stdout);
  } catch (error) {
    const stdout = propertyOf(error, 'stdout');
    const printed = typeof stdout === 'string' ? stdout : '';
    console.error(printed === '' ? messageOf(error) : failures(printed));
    const counts = countsOfGo(printed);
    return { ...counts, failed: Math.max(1, counts.failed) };
  }
};

const hasGo = (): Promise<boolean> => run('go', ['version']).then(() => true, () => false);

/** Runs the part: `go vet` as one check, then the tests. Without Go all of it is skipped and said. */
export const runGo = async (deadlineMs: number): Promise<GoOutcome> => {
  if (!(await hasGo())) {
    const warning = '!!! LEFT OUT: the example server in Go. There is no go on this machine; install Go 1.26 or newer (https://go.dev/dl)';
    console.error(`\n${warning}\n`);
    return { passed: 0, failed: 0, skipped: 2, note: 'without Go; checks counted', warning };
  }
  const vetted = (await runCommand('go', ['vet', './...'], { cwd: folder, env: environment, deadlineMs })) === 0;
  const counts = await test(deadlineMs);
  return { passed: counts.passed + (vetted ? 1 : 0), failed: counts.failed + (vetted ? 0 : 1), skipped: counts.skipped };
};
