/**
 * `npm run bench causes`: real servers whose limit is known because it was made, measured as the operator measures, judged by the law.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MissingTool } from '../../../src/local/toolchain/missing-tool.ts';
import { messageOf } from '../../../src/local/error-code.ts';
import { whyNoQuota } from './machine/cpu-cgroup.ts';
import { isQuiet, waitForQuiet } from './machine/machine-share.ts';
import { readRecordings, writeRecording } from './recording.ts';
import type { Recording } from './recording.ts';
import { runScenario, usualLengths } from './run.ts';
import type { RunContext } from './run.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { ServerCommands } from './servers.ts';

const usage = `usage: npm run bench causes [-- FLAGS]

  --list           names the scenarios
  --only LIST      scenarios whose name begins with one of these words
  --seconds N      how long each cause lasts (default 30)
  --repeat N       runs of each scenario (default 1)
  --wait SECONDS   longest wait for a quiet machine before each run (default 60)
  --attempts N     runs again what other programs disturbed, so often in all; the quietest is kept (default 2)
  --record DIR     where recordings go (default .plateau/bench/causes)
  --evaluate PATH  measures nothing: runs the law over recordings, files or folders, several times if need be
  --undisturbed    leaves recordings out that were made beside other programs
  --out FILE       where the JSON goes (default .plateau/bench/causes.json)
  --document DIR   also writes causes.md and causes-confusion.svg there (docs, for the project's own)
  --signals FILE   also writes the table of raw signals there
`;

const options = {
  list: { type: 'boolean' },
  only: { type: 'string', default: '' },
  seconds: { type: 'string', default: String(usualLengths.duringSeconds) },
  repeat: { type: 'string', default: '1' },
  wait: { type: 'string', default: '60' },
  attempts: { type: 'string', default: '2' },
  record: { type: 'string', default: join('.plateau', 'bench', 'causes') },
  evaluate: { type: 'string', multiple: true },
  undisturbed: { type: 'boolean', default: false },
  out: { type: 'string', default: join('.plateau', 'bench', 'causes.json') },
  document: { type: 'string' },
  signals: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const progress = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs the benchmark. @returns the exit code */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({ args: argv, options });
  if (values.help === true) return say(usage);
  if (values.list === true) return say(scenarios.map(({ name, truth, split }) => `${name.padEnd(34)}${(truth ?? 'mix').padEnd(11)}${split}\n`).join(''));
  const failures: string[] = [];
  const recordings = values.evaluate === undefined ? await measure({ ...values, failures }) : readRecordings(values.evaluate);
  const { report } = await import('./report/report.ts');
  await report(values.undisturbed ? recordings.filter(({ head }) => isQuiet(head)) : recordings, { ...values, failures });
  return failures.length > 0 ? 1 : 0;
};

const say = (text: string): number => {
  process.stdout.write(text);
  return 0;
};

interface Wish {
  readonly only: string;
  readonly seconds: string;
  readonly repeat: string;
  readonly wait: string;
  readonly attempts: string;
  readonly record: string;
  readonly failures: string[];
}

const chosen = async (only: string): Promise<Scenario[]> => {
  const words = only.split(',').filter((word) => word !== '');
  const wanted = scenarios.filter(({ name }) => words.length === 0 || words.some((word) => name.startsWith(word)));
  const reason = await whyNoQuota();
  const left = reason === undefined ? wanted : wanted.filter(({ quota }) => quota === undefined);
  if (left.length < wanted.length) progress(`!!! LEFT OUT: ${wanted.length - left.length} scenarios with a CPU quota: ${reason}`);
  return left;
};

const measure = async ({ only, seconds, repeat, wait, attempts, record, failures }: Wish): Promise<Recording[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-bench-causes-'));
  const commands = new ServerCommands(folder, progress);
  const context: RunContext = { commands, folder, lengths: { ...usualLengths, duringSeconds: Number(seconds) } };
  const patience = { waitSeconds: Number(wait), attempts: Number(attempts), failures };
  const recordings: Recording[] = [];
  try {
    const wanted = await chosen(only);
    const runs = Array.from({ length: Number(repeat) }, (_, round) => wanted.map((scenario) => ({ scenario, seed: 100 * round + 1 }))).flat();
    for (const { scenario, seed } of runs) {
      const recording = await quietest(context, scenario, seed, patience);
      if (recording === undefined) continue;
      recordings.push(recording);
      writeRecording(record, recording);
    }
    return recordings;
  } finally {
    await commands.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
};

interface Patience {
  readonly waitSeconds: number;
  readonly attempts: number;
  readonly failures: string[];
}

/** Runs a scenario until nobody disturbs it, a few times at most. */
const quietest = async (context: RunContext, scenario: Scenario, seed: number, { waitSeconds, attempts, failures }: Patience): Promise<Recording | undefined> => {
  let best: Recording | undefined;
  for (let number = 0; number < attempts; number += 1) {
    await waitForQuiet(waitSeconds);
    const next = await attempt(context, scenario, seed + number, failures);
    if (next === undefined) return best;
    if (best === undefined || next.head.foreignCores + next.head.stealCores < best.head.foreignCores + best.head.stealCores) best = next;
    if (isQuiet(best.head)) break;
  }
  return best;
};

/** One that fails is said and left out: an hour of recordings must not be lost for it. */
const attempt = async (context: RunContext, scenario: Scenario, seed: number, failures: string[]): Promise<Recording | undefined> => {
  const began = performance.now();
  try {
    const recording = await runScenario(context, scenario, seed);
    const { truth, capacityPerSecond, during, foreignCores, stealCores } = recording.head;
    progress(
      `${scenario.name}: ${truth}, capacity ${capacityPerSecond}/s, ${during.perSecond}/s during with p95 ${Math.round(during.p95Ms ?? Number.NaN)} ms; others ${foreignCores} cores, steal ${stealCores}; ${Math.round((performance.now() - began) / 1000)} s`,
    );
    return recording;
  } catch (error) {
    if (error instanceof MissingTool) progress(`!!! LEFT OUT: ${scenario.name}: ${error.message}`);
    else {
      failures.push(`${scenario.name}: ${messageOf(error)}`);
      progress(`!!! FAILED: ${scenario.name}: ${messageOf(error)}`);
    }
    return undefined;
  }
};
