/**
 * `plateau recommend`: the control law for any simulator or language, JSON lines in and JSON lines out.
 *
 * @module
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { recommend } from '../core/autoscale/recommend.ts';
import { readInput } from '../core/decisions/record.ts';
import { UsageError } from './flag-table.ts';
import { linesOf } from './lines.ts';
import type { Line } from './lines.ts';
import { bytesOf, sourceOf } from './sources.ts';

const usage = `usage: plateau recommend < INPUT > OUTPUT

Reads {"spec", "windows", "memory", "now"} from standard input, one JSON object a line, and writes one recommendation a line.
"memory" of an answer goes into the next question about the same fleet. A line that cannot be read is answered by
{"error": "line N: what is wrong and where"}. Nothing else is read or written: the same lines in give the same lines out.

docs/recommend.schema.json describes a line.
`;

/** Longest line, bytes: 5,000 pods take about 25 MB. */
const LONGEST_LINE = 64 << 20;

/** The answer to one line; undefined for an empty one. */
export const answer = (line: Line): string | undefined => {
  if ('tooLong' in line) return errorLine(line, `${line.tooLong} bytes are too long for a line (at most ${LONGEST_LINE})`);
  if (line.text.trim() === '') return undefined;
  const read = readInput(line.text);
  return read.ok ? JSON.stringify(recommend(read.value)) : errorLine(line, read.problem);
};

const errorLine = ({ number }: Line, problem: string): string => JSON.stringify({ error: `line ${number}: ${problem}` });

/** Answers all lines; waits while the reader of the answers is slower. */
export const answerLines = async (input: AsyncIterable<Uint8Array>, output: Writable, longest = LONGEST_LINE): Promise<void> => {
  for await (const lines of linesOf(input, longest)) {
    const answers = lines.map(answer).filter((text) => text !== undefined);
    if (answers.length > 0 && !output.write(`${answers.join('\n')}\n`)) await once(output, 'drain');
  }
};

/**
 * Runs the command until its input ends or a signal comes.
 *
 * @returns the exit code: 0, or 2 for a wrong command line or an input that cannot be read
 */
export const runRecommend = async (argv: readonly string[]): Promise<number> => {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    parseArgs({ args: [...argv], options: {}, allowPositionals: false });
  } catch (error) {
    process.stderr.write(`plateau recommend: ${Error.isError(error) ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  const stop = (): void => void process.stdin.destroy();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    await answerLines(bytesOf(sourceOf('-')), process.stdout);
    return 0;
  } catch (error) {
    return codeOf(error);
  }
};

/** A signal that ends the input is no failure. */
const codeOf = (error: unknown): number => {
  if (process.stdin.destroyed && isPrematureClose(error)) return 0;
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`plateau recommend: ${error.message}\n`);
  return 2;
};

const isPrematureClose = (error: unknown): boolean => Error.isError(error) && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
