/**
 * Reads the command line of `plateau simulate`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { parseDuration, roundedMs } from '../api/duration.ts';
import { poolLimits } from '../api/spec/pool.ts';
import { messageOf } from '../local/error-code.ts';
import { flagLines, parseOptions, refuseUnknownFlags, UsageError } from './flag-table.ts';
import { policiesOf, policyNames, simulateFlags } from './simulate-flags.ts';
import type { Flag } from './flag-table.ts';
import type { SimulateFlag, SimulateFlagName } from './simulate-flags.ts';

const number = (min: number, max: number, text: string) =>
  z.string().regex(/^-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?$/iu, text).transform(Number).pipe(z.number().min(min, text).max(max, text));
const integer = (min: number, max: number) => {
  const text = `must be a whole number from ${min} to ${max}`;
  return z.string().regex(/^[0-9]+$/u, text).transform(Number).pipe(z.int(text).min(min, text).max(max, text));
};
/** Seconds of a duration. */
const duration = (min: string, max: string, example: string) => {
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0];
  const text = `must be a duration from ${min} to ${max}, such as ${example}`;
  return z.string().transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms >= least && ms <= most) return ms / 1000;
    context.addIssue({ code: 'custom', message: text });
    return z.NEVER;
  });
};

const factor = number(1e-6, 1e6, 'must be a number above 0, such as 1.5');
const percent = number(1, 1000, 'must be a percentage from 1 to 1000');
const window = duration('1s', '24h', '60s');
const delay = duration('0s', '24h', '300s');
const pods = integer(1, 5000);
const file = z.string().min(1, 'must name a file');

const schema = z.object({
  trace: file,
  scale: factor.default(1),
  start: duration('0s', '9000h', '30m').default(0),
  duration: duration('1s', '9000h', '30m').optional(),
  profile: file,
  policy: z.enum(policyNames, `must be one of ${policyNames.join(', ')}`).default('plateau'),
  objective: duration('1ms', '1m', '50ms').default(0.05),
  threads: integer(1, poolLimits.threads).default(4),
  replicas: pods.default(2),
  min: pods.default(1),
  max: pods.default(100),
  seed: integer(0, Number.MAX_SAFE_INTEGER).default(1),
  json: z.boolean().default(false),
  decisions: file.optional(),
  'max-threads': integer(1, poolLimits.threads).default(32),
  'max-processes': integer(1, poolLimits.processes).optional(),
  'cpu-target': percent.default(70),
  'cpu-request': factor.optional(),
  'p95-target': duration('1ms', '1m', '40ms').optional(),
  'rps-target': factor.default(100),
  polling: window.default(30),
  tolerance: number(0, 1, 'must be a number from 0 to 1').default(0.1),
  sync: window.default(15),
  'up-stabilization': delay.default(0),
  'down-stabilization': delay.default(300),
  'up-pods': pods.default(4),
  'up-percent': percent.default(100),
  'down-percent': number(1, 100, 'must be a percentage from 1 to 100').default(100),
  'concurrency-target': factor.default(4),
  'stable-window': window.default(60),
  'panic-window': window.default(6),
  'panic-threshold': number(1, 1000, 'must be a number from 1 to 1000').default(2),
  'max-scale-up-rate': number(1, 1e6, 'must be a number of at least 1').default(1000),
  'max-scale-down-rate': number(1, 1e6, 'must be a number of at least 1').default(2),
  'scale-down-delay': delay.default(0),
});

/** Durations in seconds, the objective as well. */
export type SimulateArguments = z.infer<typeof schema>;

/** Milliseconds of seconds, to the nanosecond. */
export const inMs = (seconds: number): number => roundedMs(1000 * seconds);

/** The text of `plateau simulate --help`. */
export const simulateUsage = (): string => `usage: plateau simulate --trace FILE --profile FILE [FLAGS]

Runs a model of a fleet through a trace of load under a policy, and tells what clients felt and what it cost.

${flagLines(helpTable)}

Exit code: 0, or 2 when the command line, the trace or the profile is wrong.
`;

const helpTable: Record<string, Flag> = Object.fromEntries(
  Object.entries<SimulateFlag>(simulateFlags).map(([name, flag]) => [name, { ...flag, help: flag.of === undefined ? flag.help : `${flag.of.join(', ')}: ${flag.help}` }]),
);

/**
 * Reads the command line; null asks for the help.
 *
 * @throws UsageError that lists every problem
 */
export const readSimulateArguments = (argv: readonly string[]): SimulateArguments | null => {
  const values = parse(argv);
  if (values['help'] === true) return null;
  const parsed = schema.safeParse(values);
  const problems = parsed.success ? conflicts(parsed.data, values) : parsed.error.issues.map((issue) => problemOf(issue, values));
  if (problems.length > 0 || !parsed.success) throw new UsageError([...new Set(problems)].join('\n'));
  return parsed.data;
};

const parse = (argv: readonly string[]): Record<string, unknown> => {
  refuseUnknownFlags(argv, simulateFlags, 'plateau simulate');
  try {
    return parseArgs({ args: [...argv], options: parseOptions(simulateFlags), allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\nplateau simulate --help lists the flags`);
  }
};

const problemOf = (issue: z.core.$ZodIssue, values: Readonly<Record<string, unknown>>): string => {
  const name = String(issue.path[0] ?? '');
  const value = values[name];
  return typeof value === 'string' ? `--${name} ${value}: ${issue.message}` : `--${name} FILE is needed`;
};

const isFlag = (name: string): name is SimulateFlagName => Object.hasOwn(simulateFlags, name);

const conflicts = (read: SimulateArguments, given: Readonly<Record<string, unknown>>): string[] => {
  const problems: string[] = [];
  if (read.min > read.max) problems.push(`--min ${read.min} is more than --max ${read.max}`);
  else if (read.replicas < read.min || read.replicas > read.max) problems.push(`--replicas ${read.replicas} is not between --min ${read.min} and --max ${read.max}`);
  // The default gives way to more threads at the start, a limit that was asked for does not.
  if (given['max-threads'] !== undefined && read.threads > read['max-threads']) problems.push(`--threads ${read.threads} is more than --max-threads ${read['max-threads']}`);
  for (const name of Object.keys(given).filter(isFlag)) {
    const policies = policiesOf(name);
    if (policies !== undefined && !policies.includes(read.policy)) problems.push(`--${name} is for ${policies.join(', ')}, and the policy is ${read.policy}`);
  }
  return problems;
};
