/**
 * `npm run bench visible`: the p95 that an operator computes from the worker's `/metrics` beside the one that an open-loop
 * generator saw, at 0.5, 0.9 and 1.5 times the capacity measured in the same run.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { poolMetrics } from '../../../src/api/protocol.ts';
import { runLoadFeatures } from '../../../src/worker/loader-command.ts';
import { WorkerProcess } from '../../worker/support/worker-process.ts';
import type { GeneratorResult } from './generator.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const levels = [0.5, 0.9, 1.5];
const tolerance = 0.15;

interface Scenario {
  name: string;
  bodyFile: string;
  args: string[];
  /** Requests at once that saturate it. */
  saturation: number;
  keepAlive: boolean;
}

const scenarios: Scenario[] = [
  { name: 'CPU: 10x50, no store delay', bodyFile: here('../../fixtures/feast/10x50.json'), args: ['--threads', '8'], saturation: 32, keepAlive: true },
  { name: 'CPU, a connection each: 10x50', bodyFile: here('../../fixtures/feast/10x50.json'), args: ['--threads', '8'], saturation: 32, keepAlive: false },
  {
    name: 'two processes: 10x50',
    bodyFile: here('../../fixtures/feast/10x50.json'),
    args: ['--threads', '8', '--processes', '2', '--cpu-burn', '2ms'],
    saturation: 32,
    keepAlive: true,
  },
  {
    name: 'threads: 10x50, 4 in flight, store 8 ms',
    bodyFile: here('../../fixtures/feast/10x50.json'),
    args: ['--threads', '4', '--store-delay', '8ms', '--store-delay-sigma', '0.5'],
    saturation: 16,
    keepAlive: true,
  },
  { name: 'long jobs: 100x50, no store delay', bodyFile: here('../../fixtures/feast/100x50.json'), args: ['--threads', '8'], saturation: 32, keepAlive: true },
];

interface Row {
  scenario: string;
  load: number;
  offeredPerSecond: number;
  serverP95Ms: number;
  generator: GeneratorResult;
  ratio: number;
}

async function generate(job: Record<string, unknown>): Promise<GeneratorResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [here('./generator.ts'), JSON.stringify(job)]);
  return JSON.parse(stdout) as GeneratorResult;
}

/** As Prometheus' `histogram_quantile` does it, from the difference of two pages. Milliseconds. */
function visibleP95(before: Map<string, number>, after: Map<string, number>): number {
  const prefix = `${poolMetrics.requestSeconds}_bucket{le="`;
  const names = [...after.keys()].filter((name) => name.startsWith(prefix));
  const buckets = names.map((name) => ({ le: Number(name.slice(prefix.length, -2).replace('+Inf', 'Infinity')), count: (after.get(name) ?? 0) - (before.get(name) ?? 0) }));
  const rank = 0.95 * (buckets.at(-1)?.count ?? 0);
  const index = buckets.findIndex(({ count }) => count >= rank);
  const below = buckets[index - 1] ?? { le: 0, count: 0 };
  const hit = buckets[index] ?? below;
  if (hit.le === Infinity) return below.le * 1000;
  return 1000 * (below.le + ((hit.le - below.le) * (rank - below.count)) / (hit.count - below.count));
}

async function runScenario(scenario: Scenario, featureStore: string, seconds: number): Promise<Row[]> {
  const worker = await WorkerProcess.start(['--feature-store', featureStore, '--drain-grace', '0', '--idle-drain', '0', ...scenario.args]);
  try {
    const { port } = worker;
    const target = { port, bodyFile: scenario.bodyFile, keepAlive: scenario.keepAlive };
    await generate({ ...target, mode: 'closed', amount: scenario.saturation, seconds: 2 });
    const capacity = (await generate({ ...target, mode: 'closed', amount: scenario.saturation, seconds: 4 })).perSecond;
    const rows: Row[] = [];
    for (const load of levels) {
      const before = await worker.metrics();
      const generator = await generate({ ...target, mode: 'open', amount: capacity * load, seconds });
      const serverP95Ms = visibleP95(before, await worker.metrics());
      rows.push({ scenario: scenario.name, load, offeredPerSecond: capacity * load, serverP95Ms, generator, ratio: serverP95Ms / generator.p95Ms });
    }
    return rows;
  } finally {
    await worker.end();
  }
}

function print(rows: readonly Row[]): void {
  process.stdout.write('| scenario | load | offered/s | answered/s | rejected | server p95 ms | generator p95 ms | ratio | from send p95 ms | generator late p95 ms |\n|---|---|---|---|---|---|---|---|---|---|\n');
  for (const { scenario, load, offeredPerSecond, serverP95Ms, generator, ratio } of rows) {
    const cells = [scenario, load, offeredPerSecond.toFixed(0), generator.perSecond.toFixed(0), generator.rejected];
    const times = [serverP95Ms, generator.p95Ms].map((value) => value.toFixed(2));
    process.stdout.write(`| ${[...cells, ...times, ratio.toFixed(2), generator.fromSendP95Ms.toFixed(2), generator.lateP95Ms.toFixed(2)].join(' | ')} |\n`);
  }
}

/**
 * Runs the benchmark.
 * @returns the exit code: 0 when all ratios are within 15 %, else 1
 */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { seconds: { type: 'string', default: '10' }, out: { type: 'string', default: join('.plateau', 'bench', 'visible.json') } } });
  const folder = mkdtempSync(join(tmpdir(), 'plateau-visible-'));
  try {
    await runLoadFeatures(['--path', join(folder, 'online.db'), '--entities', '2000']);
    const rows: Row[] = [];
    for (const scenario of scenarios) rows.push(...(await runScenario(scenario, join(folder, 'feature_store.yaml'), Number(values.seconds))));
    print(rows);
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, kernel: release(), loadAverage: loadavg() };
    const file = values.out;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, node: process.version, tolerance, rows }, undefined, 2)}\n`);
    const within = rows.every(({ ratio }) => Math.abs(ratio - 1) <= tolerance);
    process.stdout.write(`${within ? 'all' : 'not all'} within ${tolerance * 100} %; written to ${file}\n`);
    return within ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
