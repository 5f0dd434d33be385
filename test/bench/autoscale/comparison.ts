/**
 * The search for each peer's best settings, and the runs that it is compared by.
 *
 * @module
 */
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import { ranked, totalOf } from './compare.ts';
import type { Total } from './compare.ts';
import type { Job } from './job.ts';
import { keyOf } from './known-runs.ts';
import type { KnownRuns } from './known-runs.ts';
import { neighbours } from './refine.ts';
import type { ComparisonResult } from './report/document.ts';
import type { Pairing } from './report/pairing.ts';
import { peers, plateauSetting, rows, settingsOf } from './suite.ts';
import type { Row, Setting, Size } from './suite.ts';
import { added } from './sums.ts';
import type { Sum } from './sums.ts';
import type { Workers } from './workers.ts';

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

export class Comparison {
  readonly #size: Size;
  readonly #rows: readonly Row[];
  readonly #quick: boolean;
  readonly #workers: Workers;
  readonly #finals: { readonly seeds: readonly number[]; readonly settings: number };
  readonly #known: KnownRuns;
  readonly #needed = new Set<string>();

  constructor(size: Size, workers: Workers, known: KnownRuns) {
    const quick = size === 'quick';
    this.#size = size;
    this.#quick = quick;
    this.#rows = rows(size);
    this.#workers = workers;
    this.#known = known;
    this.#finals = quick ? QUICK_FINALS : FINALS;
  }

  async run(): Promise<Omit<ComparisonResult, 'versions'>> {
    await this.#need('search', [plateauSetting, ...peers.flatMap((peer) => settingsOf(peer, this.#quick))], [SEARCH_SEED]);
    const clairvoyant: { row: Row; peer: string; settings: Setting[] }[] = [];
    for (const row of this.#rows) for (const peer of peers) clairvoyant.push({ row, peer, settings: await this.#finalists(peer, [row], row.name) });
    const suite: { peer: string; settings: Setting[] }[] = [];
    for (const peer of peers) suite.push({ peer, settings: await this.#finalists(peer, this.#rows, 'whole suite') });
    await this.#need('plateau', [plateauSetting], this.#finals.seeds);
    for (const { row, settings } of clairvoyant) await this.#need(row.name, settings, this.#finals.seeds, [row]);
    for (const { peer, settings } of suite) await this.#need(peer, settings, this.#finals.seeds);
    return {
      size: this.#size,
      rows: this.#rows,
      runs: this.#needed.size,
      seeds: { search: SEARCH_SEED, finals: this.#finals.seeds },
      finalists: this.#finals.settings,
      clairvoyant: clairvoyant.map(({ row, peer, settings }) => this.#pairing(peer, settings, [row], row.name)),
      suite: suite.map(({ peer, settings }) => this.#pairing(peer, settings, this.#rows, 'whole suite')),
    };
  }

  /** Runs what has not been run yet. */
  async #need(name: string, settings: readonly Setting[], seeds: readonly number[], on: readonly Row[] = this.#rows): Promise<void> {
    const all = on.flatMap((row) => settings.flatMap((setting) => seeds.map((seed): Job => ({ row, setting, seed }))));
    for (const job of all) this.#needed.add(keyOf(job));
    const jobs = all.filter((job) => this.#known.get(job) === undefined);
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
    return best(this.#finals.settings);
  }

  /** The whole suite is paired seed by seed: its rows are added up. */
  #pairing(peer: string, settings: readonly Setting[], on: readonly Row[], row: string): Pairing {
    const setting = this.#ranked(settings, on, this.#finals.seeds)[0]?.setting ?? plateauSetting;
    const sums = (of: Setting): Sum[] => this.#finals.seeds.map((seed) => added(this.#results(of, on, [seed])));
    return { row, peer, setting, plateau: sums(plateauSetting), other: sums(setting) };
  }
}
