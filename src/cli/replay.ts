/**
 * `plateau replay`: recorded decisions evaluated again, from files of any length.
 *
 * @module
 */
import { once } from 'node:events';
import { inspect, parseArgs } from 'node:util';
import type { AutoscaleSpec } from '../core/autoscale/types.ts';
import { readRecord } from '../core/decisions/record.ts';
import type { DecisionRecord, Read } from '../core/decisions/record.ts';
import { replay, WhatIf } from '../core/decisions/replay.ts';
import { flagLines, parseOptions, refuseUnknownFlags, UsageError } from './flag-table.ts';
import type { Flag } from './flag-table.ts';
import { linesOf } from './lines.ts';
import type { Line } from './lines.ts';
import { jsonReport, Tally, textReport } from './replay-report.ts';
import type { Place, Report } from './replay-report.ts';
import { bytesOf, sourceOf, told } from './sources.ts';
import type { Source } from './sources.ts';

const flags = {
  set: { type: 'string', multiple: true, value: 'PATH=VALUE', help: 'a field of spec to change, such as scaling.replicas.max=20 or objective.p95=40ms; may be repeated' },
  json: { type: 'boolean', help: 'one JSON object a line instead of text' },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, Flag>;

const usage = `usage: plateau replay FILE… [FLAGS]

Evaluates the decisions of \`plateau operator --decisions FILE\` again and prints each field in which one differs. "-" is standard
input. Give FILE.1 before FILE to have all.

${flagLines(flags)}

With --set the decisions are made one after another with the memory that they would have left, and what would differ is
printed. What was measured stays as it was, at the sizes that the fleet really had.

Ends with 0; without --set with 1 when a decision differs; with 2 when a line or a file cannot be used.
`;

/** Longest line, bytes. */
const LONGEST_LINE = 64 << 20;

interface Arguments {
  files: string[];
  settings: string[];
  json: boolean;
  help: boolean;
}

const readArguments = (argv: readonly string[]): Arguments => {
  refuseUnknownFlags(argv, flags, 'plateau replay');
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: parseOptions(flags), allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${Error.isError(error) ? error.message : String(error)}\nplateau replay --help lists the flags`, { cause: error });
  }
  const { values, positionals } = parsed;
  const settings = Array.isArray(values['set']) ? values['set'].map(String) : [];
  if (positionals.length === 0 && values['help'] !== true) throw new UsageError('name the file of decisions, or - for standard input (plateau replay --help)');
  return { files: positionals, settings, json: values['json'] === true, help: values['help'] === true };
};

const read = (line: Line): Read<DecisionRecord> =>
  'tooLong' in line ? { ok: false, problem: `${line.tooLong} bytes are too long for a line (at most ${LONGEST_LINE})` } : readRecord(line.text);

/** JSON is read to any depth, and compared as far as the stack goes. */
const isTooDeep = (error: unknown): boolean => error instanceof RangeError && error.message.includes('call stack');

/** `write` resolves when the reader of the report can take more. */
class Replaying {
  readonly tally = new Tally();
  readonly #report: Report;
  readonly #evaluate: (record: DecisionRecord) => ReturnType<typeof replay>;
  readonly #write: (text: string) => Promise<void>;

  constructor(report: Report, change: ((spec: AutoscaleSpec) => AutoscaleSpec) | undefined, write: (text: string) => Promise<void>) {
    const whatIf = change && new WhatIf(change);
    this.#report = report;
    this.#evaluate = whatIf === undefined ? replay : (record) => whatIf.replay(record);
    this.#write = write;
  }

  async source(source: Source): Promise<void> {
    const [name] = source;
    for await (const lines of linesOf(bytesOf(source), LONGEST_LINE)) {
      const rows = lines.flatMap((line) => this.#line(name, line));
      if (rows.length > 0) await this.#write(`${rows.join('\n')}\n`);
    }
  }

  end(): Promise<void> {
    return this.#write(`${this.#report.end(this.tally).join('\n')}\n`);
  }

  #line(file: string, line: Line): string[] {
    if ('text' in line && line.text.trim() === '') return [];
    const place = { file, line: line.number };
    const record = read(line);
    if (!record.ok) return this.#unusable(record.problem, place);
    return this.#replayed(record.value, place);
  }

  #replayed(record: DecisionRecord, place: Place): string[] {
    let replayed;
    try {
      replayed = this.#evaluate(record);
    } catch (error) {
      if (isTooDeep(error)) return this.#unusable('a value in it is nested too deep', place);
      throw error instanceof UsageError ? new UsageError(`${told(place.file)} line ${place.line} (${record.object.namespace}/${record.object.name}): ${error.message}`, { cause: error }) : error;
    }
    this.tally.add(record, replayed);
    return replayed.differences.length === 0 ? [] : this.#report.different(record, replayed, place);
  }

  #unusable(problem: string, place: Place): string[] {
    this.tally.unusable += 1;
    return this.#report.unusable(problem, place);
  }
}

const writeOut = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
};

/** Replays sources one after another and resolves to the exit code. Rejects with a UsageError. */
export const replaySources = async (sources: readonly Source[], { settings, json }: Pick<Arguments, 'settings' | 'json'>, write: (text: string) => Promise<void>): Promise<number> => {
  // The rules of the CRD are loaded only where they are asked for.
  const change = settings.length === 0 ? undefined : (await import('./replay-settings.ts')).readSettings(settings);
  const replaying = new Replaying(json ? jsonReport() : textReport(change !== undefined), change, write);
  for (const source of sources) await replaying.source(source);
  await replaying.end();
  const { different, unusable, decisions } = replaying.tally;
  if (different > 0 && change === undefined) return 1;
  if (decisions === 0) throw new UsageError(`${sources.map(([name]) => told(name)).join(', ')}: no decision in it; record some with plateau operator --decisions FILE`);
  return unusable > 0 ? 2 : 0;
};

/**
 * Runs the command.
 *
 * @returns the exit code: 0, 1 when a decision differs (never with --set), 2 for unusable input or a wrong command line
 */
export const runReplay = async (argv: readonly string[]): Promise<number> => {
  try {
    const wanted = readArguments(argv);
    if (!wanted.help) return await replaySources(wanted.files.map(sourceOf), wanted, writeOut);
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    // Whatever went wrong is no decision that differs.
    process.stderr.write(`plateau replay: ${error instanceof UsageError ? error.message : inspect(error)}\n`);
    return 2;
  }
};
