/**
 * Runs that were made, kept in a file of JSON lines: a comparison of many hours goes on where it was ended, and after a change of the law only Plateau's own are made again.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import type { Job } from './job.ts';

const figure = z.number();
const resultSchema = z.object({
  policy: z.string(), requests: figure, overObjective: figure, windows: figure, windowsOver: figure, podHours: figure, coreHours: figure, reversals: figure, maxReplicas: figure,
  p50Ms: figure.nullable(), p95Ms: figure.nullable(), p99Ms: figure.nullable(),
});
const lineSchema = z.object({ code: z.string(), key: z.string(), result: resultSchema });

const root = join(import.meta.dirname, '../../..');

const folders = ['src/sim', 'src/api', 'src/cli', 'src/local/load', 'test/bench/autoscale', 'test/fixtures/traces'];
const law = 'src/core/autoscale';
/** What makes no run: files and folders of the benchmark that only arrange or print them, and other commands. */
const besides = /^(?:test\/bench\/autoscale\/(?:real|report|main|comparison|compare|sums|workers|known-runs|refine)\b|src\/cli\/(?!simulate-))/u;

/** The files of a folder that make a run. */
export const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`).filter((name) => /\.(?:ts|csv)$/u.test(name) && !besides.test(name)).toSorted();

/** Digest of what a result depends on: a changed model, row or trace makes no use of former runs, and of Plateau's own neither does a changed law. */
const digestOf = (folders: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const file of folders.flatMap(filesOf)) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
};

/** Row, setting and seed in one word. */
export const keyOf = ({ row, setting, seed }: Job): string => `${row.name}|${row.durationSeconds}|${setting.join(' ')}|${seed}`;

export class KnownRuns {
  readonly #file: string | undefined;
  readonly #peers = digestOf(folders);
  readonly #plateau = digestOf([...folders, law]);
  readonly #runs = new Map<string, SimulationResult>();

  /** @param file where runs are kept; without one they are forgotten at the end */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    for (const line of text.split('\n')) this.#take(line);
    if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  }

  /** Digests of what the peers' runs and Plateau's own depend on. */
  get codes(): { peers: string; plateau: string } {
    return { peers: this.#peers, plateau: this.#plateau };
  }

  get size(): number {
    return this.#runs.size;
  }

  get(job: Job): SimulationResult | undefined {
    return this.#runs.get(keyOf(job));
  }

  add(job: Job, result: SimulationResult): void {
    const key = keyOf(job);
    this.#runs.set(key, result);
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify({ code: this.#codeOf(result), key, result })}\n`);
  }

  #codeOf({ policy }: SimulationResult): string {
    return policy === 'plateau' ? this.#plateau : this.#peers;
  }

  /** The last line may have been cut off by the end of the process that wrote it. */
  #take(line: string): void {
    let content: unknown;
    try {
      content = JSON.parse(line);
    } catch {
      return;
    }
    const parsed = lineSchema.safeParse(content);
    if (parsed.success && parsed.data.code === this.#codeOf(parsed.data.result)) this.#runs.set(parsed.data.key, parsed.data.result);
  }
}
