/**
 * Flags of `plateau local`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { parseDuration } from '../api/duration.ts';
import { defaultMix, parseMix } from '../local/load/request-bodies.ts';
import type { ShapeMix } from '../local/load/request-bodies.ts';
import { messageOf } from '../local/error-code.ts';
import { suggest } from './suggest.ts';

export type ControlPlaneKind = 'embedded' | 'real';

export interface LocalArguments {
  readonly help: boolean;
  /** Undefined: until it is told to stop. */
  readonly durationMs: number | undefined;
  readonly report: string | undefined;
  /** Of the API server; 0 takes a free one. */
  readonly port: number;
  /** Undefined: the one that comes with the example. */
  readonly trace: string | undefined;
  readonly scale: number;
  /** Empty: the example. */
  readonly manifests: readonly string[];
  readonly controlPlane: ControlPlaneKind;
  readonly mix: ShapeMix;
  readonly seed: number;
  readonly keep: boolean;
}

/** What is wrong with the command line, one sentence a line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly value?: string;
  readonly help: string;
}

const flags = {
  duration: { type: 'string', value: 'TIME', help: 'end by itself after so long, such as 60s; the trace passes once in this time (default: run until Ctrl-C)' },
  report: { type: 'string', value: 'FILE', help: 'write what was measured and decided as JSON, also when interrupted' },
  port: { type: 'string', value: 'PORT', help: 'port of the API server (default: a free one)' },
  trace: { type: 'string', value: 'FILE', help: 'load to follow, CSV with the columns seconds,requests_per_second (default: the one in examples/local)' },
  scale: { type: 'string', value: 'X', help: "multiplies the trace's rates (default 1)" },
  manifest: { type: 'string', multiple: true, value: 'FILE', help: 'FeatureServers to run, with their ConfigMaps and Secrets; may be repeated (default: examples/local/ranking.yaml)' },
  shapes: { type: 'string', value: 'MIX', help: 'request bodies as entities x features with shares, such as 1x50:0.8,10x50:0.2 (default 1x50)' },
  seed: { type: 'string', value: 'N', help: 'of arrivals and bodies (default 1)' },
  'control-plane': { type: 'string', value: 'KIND', help: 'embedded, or real for etcd and kube-apiserver (default embedded)' },
  keep: { type: 'boolean', help: "keep the run's folder with the logs of all processes" },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, Flag>;

/** The text of `plateau local --help`. */
export const localUsage = (): string => {
  const rows = Object.entries(flags).map(([name, flag]: [string, Flag]) => ({ left: `--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`, right: flag.help }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`);
  return `usage: plateau local [FLAGS]        or: npm start -- [FLAGS]\n\nA fleet on this machine with no cluster: operator, pods as processes, a load that follows a trace, a live view.\n\n${lines.join('\n')}\n`;
};

/**
 * Reads the command line.
 *
 * @throws UsageError that lists every problem
 */
export const readLocalArguments = (argv: readonly string[]): LocalArguments => {
  const values = parse(argv);
  const problems: string[] = [];
  const read = <Value>(name: string, parseText: (text: string) => Value | undefined, remedy: string): Value | undefined => {
    const text = values[name];
    if (typeof text !== 'string') return undefined;
    const value = parseText(text);
    if (value === undefined) problems.push(`--${name} ${text}: ${remedy}`);
    return value;
  };
  const result: LocalArguments = {
    help: values['help'] === true,
    durationMs: read('duration', positiveDuration, 'must be a duration of at least 1s, such as 60s or 5m'),
    report: textOf(values['report']),
    port: read('port', integerBetween(0, 65_535), 'must be a port from 0 to 65535') ?? 0,
    trace: textOf(values['trace']),
    scale: read('scale', positiveNumber, 'must be a number above 0, such as 1.5') ?? 1,
    manifests: Array.isArray(values['manifest']) ? values['manifest'].map(String) : [],
    controlPlane: read('control-plane', controlPlaneKind, 'must be embedded or real') ?? 'embedded',
    mix: read('shapes', mixOf, 'must be a mix of entities x features such as 1x50:0.8,10x50:0.2') ?? defaultMix,
    seed: read('seed', integerBetween(0, 2 ** 32 - 1), 'must be a whole number from 0 to 4294967295') ?? 1,
    keep: values['keep'] === true,
  };
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return result;
};

const parse = (argv: readonly string[]): Record<string, unknown> => {
  const unknown = argv.filter((word) => word.startsWith('--') && !Object.hasOwn(flags, word.slice(2).split('=')[0] ?? ''));
  if (unknown.length > 0) throw new UsageError(unknown.map(unknownFlag).join('\n'));
  try {
    const options = Object.fromEntries(Object.entries(flags).map(([name, flag]: [string, Flag]) => [name, { type: flag.type, multiple: flag.multiple ?? false }]));
    return parseArgs({ args: withNegativeValues(argv), options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nplateau local --help lists the flags`);
  }
};

/** `--scale -1` as `--scale=-1`: parseArgs would take the value for a flag and explain that instead of the wrong number. */
const withNegativeValues = (argv: readonly string[]): string[] =>
  argv.reduce<string[]>((words, word) => (/^-[0-9.]/u.test(word) && words.at(-1)?.startsWith('--') === true ? [...words.slice(0, -1), `${words.at(-1) ?? ''}=${word}`] : [...words, word]), []);

const unknownFlag = (word: string): string => {
  const name = word.slice(2).split('=')[0] ?? '';
  const near = suggest(name, Object.keys(flags));
  return `no flag --${name}${near === undefined ? '' : `; did you mean --${near}?`} (plateau local --help lists the flags)`;
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const longestMs = 30 * 24 * 3_600_000;

const positiveDuration = (text: string): number | undefined => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1000 && ms <= longestMs ? ms : undefined;
};

const positiveNumber = (text: string): number | undefined => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value > 0 && value <= 1_000_000 ? value : undefined;
};

const integerBetween =
  (min: number, max: number) =>
  (text: string): number | undefined => {
    const value = /^[0-9]+$/u.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };

const controlPlaneKind = (text: string): ControlPlaneKind | undefined => (text === 'embedded' || text === 'real' ? text : undefined);

const mixOf = (text: string): ShapeMix | undefined => {
  try {
    return parseMix(text);
  } catch {
    return undefined;
  }
};
