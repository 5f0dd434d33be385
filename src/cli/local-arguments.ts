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
import { runtimeNames } from '../local/runtimes/runtimes.ts';
import type { RuntimeName } from '../local/runtimes/runtimes.ts';
import { scenarioNames, scenarios } from '../local/scenarios/scenarios.ts';
import type { ScenarioName } from '../local/scenarios/scenarios.ts';
import { flagLines, parseOptions, refuseUnknownFlags, UsageError } from './flag-table.ts';
import type { Flag } from './flag-table.ts';

export type ControlPlaneKind = 'embedded' | 'real';

export interface LocalArguments {
  readonly help: boolean;
  /** Undefined: until it is told to stop. */
  readonly durationMs: number | undefined;
  readonly report: string | undefined;
  /** Where the operator appends its decisions. */
  readonly decisions: string | undefined;
  /** Of the API server; 0 takes a free one. */
  readonly port: number;
  /** Undefined: the one that comes with the example. */
  readonly trace: string | undefined;
  readonly scale: number;
  /** Empty: the example. */
  readonly manifests: readonly string[];
  readonly runtime: RuntimeName;
  /** Undefined: the fleet runs undisturbed. */
  readonly scenario: ScenarioName | undefined;
  readonly controlPlane: ControlPlaneKind;
  readonly mix: ShapeMix;
  readonly seed: number;
  readonly keep: boolean;
}

const flags = {
  duration: { type: 'string', value: 'TIME', help: 'end by itself after so long, such as 60s; the trace passes once in this time (default: run until Ctrl-C)' },
  report: { type: 'string', value: 'FILE', help: 'write what was measured and decided as JSON, also when interrupted' },
  decisions: { type: 'string', value: 'FILE', help: 'append every decision as a line of JSON, for plateau replay' },
  port: { type: 'string', value: 'PORT', help: 'port of the API server (default: a free one)' },
  trace: { type: 'string', value: 'FILE', help: 'load to follow, CSV with the columns seconds,requests_per_second (default: the one in examples/local)' },
  scale: { type: 'string', value: 'X', help: "multiplies the trace's rates (default 1)" },
  manifest: { type: 'string', multiple: true, value: 'FILE', help: 'FeatureServers to run, with their ConfigMaps and Secrets; may be repeated (default: examples/local/ranking.yaml)' },
  runtime: { type: 'string', value: 'NAME', help: `server of the example: ${runtimeNames.join(', ')} (default builtin, which needs nothing but Node)` },
  scenario: { type: 'string', value: 'NAME', help: 'a cause that happens to the fleet a little after its start, with a fleet and a load of its own; see below' },
  shapes: { type: 'string', value: 'MIX', help: 'request bodies as entities x features with shares, such as 1x50:0.8,10x50:0.2 (default 1x50)' },
  seed: { type: 'string', value: 'N', help: 'of arrivals and bodies (default 1)' },
  'control-plane': { type: 'string', value: 'KIND', help: 'embedded, or real for etcd and kube-apiserver (default embedded)' },
  keep: { type: 'boolean', help: "keep the run's folder with the logs of all processes" },
  help: { type: 'boolean', help: 'this text' },
} as const satisfies Record<string, Flag>;

/** The text of `plateau local --help`. */
export const localUsage = (): string => {
  return `usage: plateau local [FLAGS]        or: npm start -- [FLAGS]\n\nA fleet on this machine with no cluster: operator, pods as processes, a load that follows a trace, a live view.\n\n${flagLines(flags)}\n\nscenarios:\n${scenarioLines()}\n`;
};

const scenarioLines = (): string => {
  const width = Math.max(...scenarioNames.map((name) => name.length));
  return scenarioNames.map((name) => `  ${name.padEnd(width)}  ${scenarios[name].help}`).join('\n');
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
    decisions: textOf(values['decisions']),
    port: read('port', integerBetween(0, 65_535), 'must be a port from 0 to 65535') ?? 0,
    trace: textOf(values['trace']),
    scale: read('scale', positiveNumber, 'must be a number above 0, such as 1.5') ?? 1,
    manifests: Array.isArray(values['manifest']) ? values['manifest'].map(String) : [],
    runtime: read('runtime', runtimeName, `must be one of ${runtimeNames.join(', ')}`) ?? 'builtin',
    scenario: read('scenario', scenarioName, `must be one of ${scenarioNames.join(', ')}`),
    controlPlane: read('control-plane', controlPlaneKind, 'must be embedded or real') ?? 'embedded',
    mix: read('shapes', mixOf, 'must be a mix of entities x features such as 1x50:0.8,10x50:0.2') ?? defaultMix,
    seed: read('seed', integerBetween(0, 2 ** 32 - 1), 'must be a whole number from 0 to 4294967295') ?? 1,
    keep: values['keep'] === true,
  };
  if (result.runtime !== 'builtin' && result.manifests.length > 0) problems.push(`--runtime ${result.runtime} brings a FeatureServer of its own: leave --manifest out, or leave --runtime out and name the server in the manifest`);
  if (result.scenario !== undefined) problems.push(...besideScenario(result.scenario, values));
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return result;
};

/** What a scenario brings itself. */
const ownOfScenario = ['manifest', 'runtime', 'trace', 'shapes'] as const;

const besideScenario = (scenario: ScenarioName, values: Readonly<Record<string, unknown>>): string[] => {
  const given = ownOfScenario.filter((name) => values[name] !== undefined).map((name) => `--${name}`);
  return given.length === 0 ? [] : [`--scenario ${scenario} brings its own fleet and load: leave out ${given.join(' and ')}`];
};

const parse = (argv: readonly string[]): Record<string, unknown> => {
  refuseUnknownFlags(argv, flags, 'plateau local');
  try {
    return parseArgs({ args: withNegativeValues(argv), options: parseOptions(flags), allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nplateau local --help lists the flags`);
  }
};

/** `--scale -1` as `--scale=-1`: parseArgs would take the value for a flag and explain that instead of the wrong number. */
const withNegativeValues = (argv: readonly string[]): string[] =>
  argv.reduce<string[]>((words, word) => (/^-[0-9.]/u.test(word) && words.at(-1)?.startsWith('--') === true ? [...words.slice(0, -1), `${words.at(-1) ?? ''}=${word}`] : [...words, word]), []);

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

const runtimeName = (text: string): RuntimeName | undefined => runtimeNames.find((name) => name === text);

const scenarioName = (text: string): ScenarioName | undefined => scenarioNames.find((name) => name === text);

const mixOf = (text: string): ShapeMix | undefined => {
  try {
    return parseMix(text);
  } catch {
    return undefined;
  }
};
