/**
 * Benchmark: decisions a second and core through `plateau recommend`, for fleets of 1 to 1,000 pods, beside the law alone in this
 * process. The command runs on its own core's worth of CPU: what counts is the CPU that it used, and the wall clock stands beside it.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { inputs } from './lines.ts';

const SIZES = [1, 10, 100, 1000] as const;
/** Decisions a second and core that a fleet of ten pods has to reach. */
const TARGET = 2000;
/** Different questions; they are asked again and again. */
const QUESTIONS = 20;
/** USER_HZ of every Linux that Node runs on. */
const TICKS = 100;

interface Row {
  pods: number;
  lineBytes: number;
  decisions: number;
  wallSeconds: number;
  cpuSeconds: number;
  perSecond: number;
  perCpuSecond: number;
  /** The law alone: no JSON, no schema, no pipe. */
  lawPerCpuSecond: number;
}

const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

const program = join(import.meta.dirname, '../../../src/cli/plateau.ts');
const startCommand = (): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'recommend'], { stdio: ['pipe', 'pipe', 'pipe'] });

/** Counts answers; an answer that is an error ends the benchmark. */
class Answers {
  #count = 0;
  #waiting: { count: number; resolve: () => void } | null = null;

  constructor(child: ChildProcessWithoutNullStreams) {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('"error":"line')) throw new Error(`the command refused a question: ${chunk.toString().slice(0, 300)}`);
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.#count += 1;
      if (this.#waiting !== null && this.#count >= this.#waiting.count) this.#waiting.resolve();
    });
  }

  async until(count: number): Promise<void> {
    if (this.#count >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { count, resolve };
    await promise;
  }
}

const ask = async (child: ChildProcessWithoutNullStreams, lines: readonly string[], count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) {
    if (!child.stdin.write(lines[index % lines.length])) await once(child.stdin, 'drain');
  }
};

const lawAlone = (podCount: number, count: number): number => {
  const questions = inputs(podCount, QUESTIONS);
  const run = (): void => { for (let index = 0; index < count; index += 1) { const given = questions[index % QUESTIONS]; if (given !== undefined) recommend(given); } };
  run();
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
};

const measure = async (podCount: number, decisions: number): Promise<Row> => {
  const lines = inputs(podCount, QUESTIONS).map((given) => `${JSON.stringify(given)}\n`);
  const child = startCommand();
  child.stderr.pipe(process.stderr);
  const answers = new Answers(child);
  const { pid = 0 } = child;
  try {
    const warm = Math.ceil(decisions / 4);
    await Promise.all([ask(child, lines, warm), answers.until(warm)]);
    const [cpu, wall] = [cpuSeconds(pid), performance.now()];
    await Promise.all([ask(child, lines, decisions), answers.until(warm + decisions)]);
    const used = cpuSeconds(pid) - cpu;
    const passed = (performance.now() - wall) / 1000;
    return {
      pods: podCount, lineBytes: lines.at(-1)?.length ?? 0, decisions, wallSeconds: passed, cpuSeconds: used, perSecond: decisions / passed,
      perCpuSecond: decisions / used, lawPerCpuSecond: lawAlone(podCount, Math.ceil(decisions / 4)),
    };
  } finally {
    child.stdin.end();
    await once(child, 'close');
  }
};

/** `npm run bench recommend [-- --seconds N --out FILE]`; 0 when ten pods reach the target and the cost grows at most linearly, else 1. */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({ args: argv, options: { seconds: { type: 'string', default: '5' }, out: { type: 'string', default: '.plateau/bench/recommend.json' } } });
  const seconds = Number(values.seconds);
  const rows: Row[] = [];
  for (const pods of SIZES) rows.push(await measure(pods, Math.max(40, Math.round((seconds * TARGET * 5) / (pods + 5)))));
  const ten = rows.find(({ pods }) => pods === 10);
  // From ten pods on; below that the cost of a line without any pod weighs more.
  const growth = rows.filter(({ pods }) => pods >= 10).map(({ pods, perCpuSecond }) => ({ pods, cpuPerPodRelative: (ten?.perCpuSecond ?? NaN) / perCpuSecond / (pods / 10) }));
  const isLinear = growth.every(({ cpuPerPodRelative }) => cpuPerPodRelative <= 1.25);
  const report = {
    bench: 'recommend',
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryBytes: totalmem(), kernel: release(), load: loadavg() },
    versions: { node: process.version },
    target: { pods: 10, perCpuSecond: TARGET }, rows, growth,
  };
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
  console.table(Object.fromEntries(rows.map((row) => [`${row.pods} pods`, {
    'decisions/s, one process': Math.round(row.perSecond),
    'per second of CPU': Math.round(row.perCpuSecond),
    'law alone, per second of CPU': Math.round(row.lawPerCpuSecond),
    'ms CPU each': (1000 / row.perCpuSecond).toFixed(3),
    'us CPU a pod': (1e6 / row.perCpuSecond / row.pods).toFixed(1),
    'kB a line': (row.lineBytes / 1000).toFixed(1),
  }])));
  console.log(`ten pods: ${Math.round(ten?.perCpuSecond ?? 0)} decisions a second of CPU (target ${TARGET}); the cost of a pod at 1,000 pods is ${growth.at(-1)?.cpuPerPodRelative.toFixed(2)} times that at ten; load average ${loadavg()[0]?.toFixed(1)}; written to ${values.out}`);
  return (ten?.perCpuSecond ?? 0) >= TARGET && isLinear ? 0 : 1;
};
