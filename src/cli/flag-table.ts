/**
 * A command's table of flags: the lines of its help, and what is wrong with a flag that is not in it.
 *
 * @module
 */
import { suggest } from './suggest.ts';

export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly value?: string;
  readonly help: string;
}

/** What is wrong with the command line, one sentence a line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The flags with their help, one a line, in columns. */
export const flagLines = (flags: Readonly<Record<string, Flag>>): string => {
  const rows = Object.entries(flags).map(([name, flag]) => ({ left: `--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`, right: flag.help }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

interface ParseOption {
  type: Flag['type'];
  multiple: boolean;
  short?: string;
}

/** The table as `parseArgs` wants it; `-h` is `--help`. */
export const parseOptions = (flags: Readonly<Record<string, Flag>>): Record<string, ParseOption> =>
  Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { type: flag.type, multiple: flag.multiple ?? false, ...(name === 'help' && { short: 'h' }) }]));

/** @throws UsageError that names every flag which is not in the table, with the nearest that is */
export const refuseUnknownFlags = (argv: readonly string[], flags: Readonly<Record<string, Flag>>, command: string): void => {
  const end = argv.indexOf('--');
  const unknown = argv.slice(0, end === -1 ? undefined : end).filter((word) => word.startsWith('--') && !Object.hasOwn(flags, nameOf(word)));
  if (unknown.length > 0) throw new UsageError(unknown.map((word) => unknownFlag(nameOf(word), Object.keys(flags), command)).join('\n'));
};

const nameOf = (word: string): string => word.slice(2).split('=')[0] ?? '';

const unknownFlag = (name: string, names: readonly string[], command: string): string => {
  const near = suggest(name, names);
  return `no flag --${name}${near === undefined ? '' : `; did you mean --${near}?`} (${command} --help lists the flags)`;
};
