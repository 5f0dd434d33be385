/**
 * Benchmark: Plateau, untuned, beside the best tuned setting of each peer, on the fleet model. Two tables: peers that are tuned for each row,
 * and peers with one setting for the whole suite.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { Comparison } from './comparison.ts';
import { KnownRuns } from './known-runs.ts';
import { pageOf, tablesOf } from './report/document.ts';
import type { ComparisonResult } from './report/document.ts';
import { compared } from './report/pairing.ts';
import type { Pairing } from './report/pairing.ts';
import type { Size } from './suite.ts';
import { Workers } from './workers.ts';

const usage = `usage: npm run bench autoscale [-- FLAGS]

  --quick          a quarter of an hour of one trace, few targets, three seeds
  --full           four traces, whole hours, 1.5 and 10 times the load: many hours
  --workers N      processes that run the model (default: one a core)
  --out FILE       where the JSON goes (default .plateau/bench/autoscale.json); the tables and the runs stand beside it
  --document DIR   also writes comparison.md there (docs, for the project's own)
  --real           on real pods instead of the model; writes no document
  --seconds N      length of a run on real pods (default 240)

Each run is kept beside the result, in FILE.runs.jsonl: started again, a comparison goes on from there, and after a change of the law the
peers' runs stand.
`;

const options = {
  quick: { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  workers: { type: 'string' },
  out: { type: 'string' },
  document: { type: 'string' },
  real: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '240' },
  help: { type: 'boolean', default: false },
} as const;

const machine = () => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, kernel: release(), node: process.version, load: loadavg() });

const ownVersion = (): string => z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'))).version;

/** What a result depends on. */
const versionsWith = ({ codes: { peers, plateau } }: KnownRuns): Record<string, string> => ({
  Plateau: ownVersion(),
  Node: process.version,
  'digest of model, rows and traces': peers,
  'the same with the law': plateau,
});

interface Wish {
  readonly size: Size;
  readonly workers: number;
  readonly out: string;
  readonly document: string | undefined;
}

const beside = (out: string, ending: string): string => out.replace(/(?:\.json)?$/u, ending);

const compare = async ({ size, workers: count, out }: Wish): Promise<ComparisonResult> => {
  const known = new KnownRuns(beside(out, '.runs.jsonl'));
  if (known.size > 0) process.stderr.write(`${known.size} runs are known\n`);
  const workers = new Workers(count);
  try {
    return { ...(await new Comparison(size, workers, known).run()), versions: versionsWith(known) };
  } finally {
    workers.stop();
  }
};

const save = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

const jsonOf = ({ size, seeds, runs, versions, clairvoyant, suite }: ComparisonResult): string => {
  const told = (pairings: readonly Pairing[]) => pairings.map((pairing) => ({ ...pairing, compared: compared(pairing) }));
  return `${JSON.stringify({ machine: machine(), size, seeds: seeds.finals, runs, versions, clairvoyant: told(clairvoyant), suite: told(suite) }, undefined, 2)}\n`;
};

const report = (result: ComparisonResult, { out, document }: Wish): void => {
  const text = tablesOf(result);
  process.stdout.write(text);
  save(out, jsonOf(result));
  save(beside(out, '.md'), text);
  if (document === undefined) return;
  const file = join(document, 'comparison.md');
  save(file, pageOf(result));
  process.stdout.write(`\nwritten to ${file}\n`);
};

/** Runs the benchmark. @returns the exit code */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({ args: argv, options });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.real) return (await import('./real/main.ts')).runReal({ seconds: Number(values.seconds), out: values.out ?? join('.plateau', 'bench', 'autoscale-real.json') });
  const wish: Wish = {
    size: values.quick ? 'quick' : values.full ? 'full' : 'default',
    workers: Number(values.workers ?? availableParallelism()),
    out: values.out ?? join('.plateau', 'bench', 'autoscale.json'),
    document: values.document,
  };
  report(await compare(wish), wish);
  return 0;
};
