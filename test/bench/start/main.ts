/**
 * How long a newcomer waits: `git clone`, then `npm start`, until the first request is measured. npm's cache is as warm as it is.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportSchema } from '../../../src/local/report/report.ts';

interface Start {
  readonly what: string;
  /** From the command to the first second with an answered request that was shown; up to a second too long. */
  readonly secondsToFirstMeasuredRequest: number;
  /** What the report says: from the start of the program itself, without npm. */
  readonly firstRequestSeconds: number | null;
  readonly requests: { readonly sent: number; readonly answered: number; readonly failed: number };
}

const shown = /req\/s {2}p95 \d/u;

const timeOneStart = async (what: string, clone: string): Promise<Start> => {
  const report = join(clone, 'bench-report.json');
  const began = performance.now();
  const child = spawn('npm', ['start', '--', '--duration', '10s', '--report', report], { cwd: clone, stdio: ['ignore', 'pipe', 'inherit'], env: withoutNpm() });
  let first: number | undefined;
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (first === undefined && shown.test(text)) first = performance.now();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0 || first === undefined) throw new Error(`npm start ended with exit code ${code}:\n${text}`);
  const { firstRequestSeconds, requests } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
  return { what, secondsToFirstMeasuredRequest: Math.round(first - began) / 1000, firstRequestSeconds, requests };
};

/** npm hands its own settings to what it runs; a newcomer's shell has none of them. */
const withoutNpm = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') || name.startsWith('npm_config_registry') || name.startsWith('npm_config_cache')));

const cloneInto = (folder: string): string => {
  const clone = join(folder, 'clone');
  const { status, stderr } = spawnSync('git', ['clone', '--quiet', process.cwd(), clone], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`git clone failed: ${stderr}`);
  return clone;
};

/** Prints a table and writes the figures to `--out FILE`. Returns the exit code. */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({ args: argv, options: { out: { type: 'string', default: join('.plateau', 'bench', 'start.json') } } });
  const folder = mkdtempSync(join(tmpdir(), 'plateau-bench-start-'));
  try {
    const clone = cloneInto(folder);
    const starts = [await timeOneStart('fresh clone, dependencies to be installed', clone), await timeOneStart('dependencies installed', clone)];
    console.table(starts.map(({ what, secondsToFirstMeasuredRequest, firstRequestSeconds, requests }) => ({ what, 'seconds to first request': secondsToFirstMeasuredRequest, 'of them the program': firstRequestSeconds, failed: requests.failed })));
    const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryBytes: totalmem(), kernel: release(), load: loadavg() };
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(values.out, `${JSON.stringify({ bench: 'start', at: new Date().toISOString(), machine, node: process.version, starts }, null, 1)}
`);
    process.stdout.write(`written to ${values.out}
`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};
