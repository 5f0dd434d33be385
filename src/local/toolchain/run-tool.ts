/**
 * Runs a program that builds or installs something, with its last words in the error when it fails.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { errorCode, messageOf } from '../error-code.ts';

const execute = promisify(execFile);

/** Longest run of one program, ms: a download that hangs must not hold a lock for ever. */
const limitMs = 20 * 60_000;
const keptLines = 8;

export interface ToolRun {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program ended with an error or could not be started. */
export class ToolFailed extends Error {
  override readonly name = 'ToolFailed';
  /** `ENOENT` when there is no such program. */
  readonly code: string | undefined;

  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.code = errorCode(options.cause);
  }
}

/**
 * Runs a program to its end.
 *
 * @returns what it printed on standard output
 * @throws ToolFailed with the last lines that it printed
 */
export const runTool = async (program: string, args: readonly string[], { cwd, env = process.env }: ToolRun = {}): Promise<string> => {
  try {
    const { stdout } = await execute(program, [...args], { ...(cwd === undefined ? {} : { cwd }), env, timeout: limitMs, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    throw new ToolFailed(`"${[program, ...args].join(' ')}" failed: ${lastWords(error)}`, { cause: error });
  }
};

const lastWords = (error: unknown): string => {
  const printed = typeof error === 'object' && error !== null && 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  const lines = printed.trim().split('\n').slice(-keptLines);
  return lines.join('\n') === '' ? messageOf(error) : lines.join('\n');
};
