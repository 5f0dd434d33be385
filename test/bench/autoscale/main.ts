/**
 * Benchmark: Plateau, untuned, beside the best tuned setting of each peer, on the fleet model. Two tables: peers that are tuned for each row,
 * and peers with one setting for the whole suite.
 *
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import { ranked, totalOf } from './compare.ts';
import type { Total } from './compare.ts';
import type { Job } from './job.ts';
import { KnownRuns } from './known-runs.ts';
import { neighbours } from './refine.ts';
import { peers, plateauSetting, rows, settingsOf } from './suite.ts';
import type { Row, Setting, Size } from './suite.ts';
import { clairvoyantHolds, compared, markdown, suiteHolds } from './tables.ts';
import type { Pairing } from './tables.ts';
import { Workers } from './workers.ts';

const SEARCH_SEED = 1;
/** So many of the best settings get neighbours, so often: halves, then quarters of the grid's steps. */
const REFINED = { settings: 2, rounds: 2 } as const;
/** Of each peer so many settings are run again, on so many seeds. `quick` runs fewer. */
const FINALS = { seeds: [11, 12, 13, 14, 15], settings: 3 } as const;
const QUICK_FINALS = { seeds: [11, 12, 13], settings: 1 } as const;

interface Searched {
  readonly setting: Setting;
  /** By row. */
  readonly results: readonly SimulationResult[];
  readonly total: Total;
}

class Comparison {
  readonly #rows: readonly Row[];
  readonly #quick: boolean;
  readonly #workers: Workers;
  readonly finals: { readonly seeds: readonly number[]; readonly settings: number };
  readonly #known: KnownRuns;

  constructor(size: Size, workers: Workers, known: KnownRuns) {
    const quick = size === 'quick';
    this.#quick = quick;
    this.#rows = rows(size);
    this.#workers = workers;
    this.#known = known;
    this.finals = quick ? QUICK_FINALS : FINALS;
  }

  async run(): Promise<{ clairvoyant: Pairing[]; suite: Pairing[] }> {
    await this.#need('search', [plateauSetting, ...peers.flatMap((peer) => settingsOf(peer, this.#quick))], [SEARCH_SEED]);
    const clairvoyant: { row: Row; peer: string; settings: Setting[] }[] = [];
    for (const row of this.#rows) for (const peer of peers) clairvoyant.push({ row, peer, settings: await this.#finalists(peer, [row], row.name) });
    const suite: { peer: string; settings: Setting[] }[] = [];
    for (const peer of peers) suite.push({ peer, settings: await this.#finalists(peer, this.#rows, 'whole suite') });
    await this.#need('plateau', [plateauSetting], this.finals.seeds);
    for (const { row, settings } of clairvoyant) await this.#need(row.name, settings, this.finals.seeds, [row]);
    for (const { peer, settings } of suite) await this.#need(peer, settings, this.finals.seeds);
    return {
      clairvoyant: clairvoyant.map(({ row, peer, settings }) => this.#pairing(peer, settings, [row], row.name)),
      suite: suite.map(({ peer, settings }) => this.#pairing(peer, settings, this.#rows, 'whole suite')),
    };
  }

  /** Runs what has not been run yet. */
  async #need(name: string, settings: readonly Setting[], seeds: readonly number[], on: readonly Row[] = this.#rows): Promise<void> {
    const jobs = on.flatMap((row) => settings.flatMap((setting) => seeds.map((seed): Job => ({ row, setting, seed })))).filter((job) => this.#known.get(job) === undefined);
    if (jobs.length === 0) return;
    if (!process.stderr.isTTY) process.stderr.write(`${name}: ${jobs.length} runs\n`);
    let done = 0;
    await this.#workers.run(jobs, (job, result) => {
      this.#known.add(job, result);
      done += 1;
      if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${done} of ${jobs.length} runs${done === jobs.length ? '\n' : ''}`);
    });
  }

  #results(setting: Setting, on: readonly Row[], seeds: readonly number[]): SimulationResult[] {
    return on.flatMap((row) => seeds.map((seed) => this.#known.get({ row, setting, seed }))).filter((result) => result !== undefined);
  }

  #ranked(settings: readonly Setting[], on: readonly Row[], seeds: readonly number[]): Searched[] {
    const allowed = totalOf(this.#results(plateauSetting, on, seeds)).share;
    const searched = settings.map((setting) => {
      const results = this.#results(setting, on, seeds);
      return { setting, results, total: totalOf(results) };
    });
    return ranked(searched, allowed);
  }

  /** The best of the grid and of what lies between its best and their neighbours. */
  async #finalists(peer: string, on: readonly Row[], name: string): Promise<Setting[]> {
    const known = settingsOf(peer, this.#quick);
    const best = (count: number): Setting[] => this.#ranked(known, on, [SEARCH_SEED]).slice(0, count).map(({ setting }) => setting);
    for (let round = 0; round < REFINED.rounds; round += 1) {
      const found = best(REFINED.settings).flatMap((setting) => neighbours(setting, known));
      const more = found.filter((setting, index) => found.findIndex((other) => other.join(' ') === setting.join(' ')) === index);
      await this.#need(`${name}, between the settings of ${peer}`, more, [SEARCH_SEED], on);
      known.push(...more);
    }
    return best(this.finals.settings);
  }

  /** The whole suite is paired seed by seed: its rows are added up. */
  #pairing(peer: string, settings: readonly Setting[], on: readonly Row[], row: string): Pairing {
    const setting = this.#ranked(settings, on, this.finals.seeds)[0]?.setting ?? plateauSetting;
    const sums = (of: Setting): SimulationResult[] => this.finals.seeds.map((seed) => added(this.#results(of, on, [seed])));
    return { row, peer, setting, plateau: sums(plateauSetting), other: sums(setting) };
  }
}

/** Sums over rows; reversals are those of the worst row. */
const added = (results: readonly SimulationResult[]): SimulationResult => {
  const [first, ...others] = results;
  if (first === undefined) throw new Error('a setting has no results');
  return others.reduce(
    (sum, result) => ({
      ...sum,
      requests: sum.requests + result.requests,
      overObjective: sum.overObjective + result.overObjective,
      windows: sum.windows + result.windows,
      windowsOver: sum.windowsOver + result.windowsOver,
      podHours: sum.podHours + result.podHours,
      coreHours: sum.coreHours + result.coreHours,
      reversals: Math.max(sum.reversals, result.reversals),
      maxReplicas: Math.max(sum.maxReplicas, result.maxReplicas),
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
    }),
    first,
  );
};

const machine = () => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, kernel: release(), node: process.version, load: loadavg() });

/**
 * `npm run bench autoscale [-- --quick --workers N --out FILE]`, or with `--real [--seconds N]` on real pods. Each run is kept beside the result, in `*.runs.jsonl`: started
 * again, it goes on from there (`--full` takes many hours), and after a change of the law the peers' runs stand.
 */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({
    args: argv,
    options: { quick: { type: 'boolean', default: false }, full: { type: 'boolean', default: false }, real: { type: 'boolean', default: false }, seconds: { type: 'string', default: '240' }, workers: { type: 'string' }, out: { type: 'string' } },
  });
  if (values.real) return (await import('./real/main.ts')).runReal({ seconds: Number(values.seconds), out: values.out ?? join('.plateau', 'bench', 'autoscale-real.json') });
  const out = values.out ?? join('.plateau', 'bench', 'autoscale.json');
  const workers = new Workers(Number(values.workers ?? availableParallelism()));
  try {
    const size = values.quick ? 'quick' : values.full ? 'full' : 'default';
    const known = new KnownRuns(out.replace(/(?:\.json)?$/u, '.runs.jsonl'));
    if (known.size > 0) process.stderr.write(`${known.size} runs are known\n`);
    const comparison = new Comparison(size, workers, known);
    const { clairvoyant, suite } = await comparison.run();
    const text = `${markdown('Peers tuned for each row', clairvoyant, clairvoyantHolds)}\n${markdown('One setting for the whole suite', suite, suiteHolds)}`;
    const told = (pairings: readonly Pairing[]) => pairings.map((pairing) => ({ ...pairing, compared: compared(pairing) }));
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, `${JSON.stringify({ machine: machine(), size, seeds: comparison.finals.seeds, clairvoyant: told(clairvoyant), suite: told(suite) }, undefined, 2)}\n`);
    await writeFile(out.replace(/(?:\.json)?$/u, '.md'), text);
    process.stdout.write(text);
    return 0;
  } finally {
    workers.stop();
  }
};
