/**
 * `plateau simulate`: a trace of load through the fleet model under a policy.
 *
 * @module
 */
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Scale } from '../api/featureserver-status.ts';
import { messageOf } from '../local/error-code.ts';
import { parseTrace, TraceError } from '../local/load/trace.ts';
import { cutTrace } from '../sim/cut-trace.ts';
import type { SimulationResult } from '../sim/outcome.ts';
import type { Decision } from '../sim/policy.ts';
import { parseProfile, ProfileError } from '../sim/profile.ts';
import { simulate } from '../sim/simulate.ts';
import type { Simulation } from '../sim/simulate.ts';
import { UsageError } from './flag-table.ts';
import { inMs, readSimulateArguments, simulateUsage } from './simulate-arguments.ts';
import type { SimulateArguments } from './simulate-arguments.ts';
import { policyFor } from './simulate-policy.ts';

/**
 * Runs the command.
 *
 * @returns the exit code: 0, or 2 when the command line, the trace or the profile is wrong
 */
export const runSimulate = async (argv: readonly string[]): Promise<number> => {
  try {
    const read = readSimulateArguments(argv);
    process.stdout.write(read === null ? simulateUsage() : run(read));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`plateau simulate: ${error.message}\n`);
    return 2;
  }
};

/** What a name means; undefined where nobody can look, which opening it will tell. */
const identityOf = (file: string): string | undefined => {
  try {
    const { dev, ino } = statSync(file);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
};

const isSameFile = (one: string, other: string): boolean => {
  const identity = identityOf(one);
  return identity !== undefined && identity === identityOf(other);
};

const refuseOverwriting = ({ decisions, trace, profile }: SimulateArguments): void => {
  if (decisions !== undefined && [trace, profile].some((file) => isSameFile(file, decisions))) throw new UsageError(`--decisions ${decisions} would overwrite what is read: name another file`);
};

const run = (read: SimulateArguments): string => {
  const simulation = simulationOf(read);
  refuseOverwriting(read);
  const file = read.decisions;
  const decisions = file === undefined ? null : written(file, () => openSync(file, 'w'));
  try {
    const onDecision = (seconds: number, from: Scale, { scale, reason, inputs }: Decision): void => {
      if (decisions !== null) written(String(file), () => writeSync(decisions, `${JSON.stringify({ seconds, policy: read.policy, from, to: scale, reason, inputs })}\n`));
    };
    const result = simulate({ ...simulation, onDecision });
    return read.json ? `${JSON.stringify(result)}\n` : table(result);
  } finally {
    if (decisions !== null) closeSync(decisions);
  }
};

const written = (file: string, write: () => number): number => {
  try {
    return write();
  } catch (error) {
    throw new UsageError(`--decisions ${file} cannot be written: ${messageOf(error)}`);
  }
};

/** About a quarter of an hour of computing. A rate that is a slip of the keyboard would never end. */
const MOST_REQUESTS = 1e9;

/** Requests that the load holds on average. */
const requestsIn = ({ points, durationSeconds }: Pick<Simulation, 'points' | 'durationSeconds'>): number =>
  points.reduce((sum, { seconds, rate }, index) => sum + rate * Math.max(0, Math.min(durationSeconds, points[index + 1]?.seconds ?? Infinity) - seconds), 0);

const simulationOf = (read: SimulateArguments): Simulation => {
  const profile = profileFrom(read.profile);
  const most = read['max-processes'] ?? Infinity;
  if (profile.processes > most) throw new UsageError(`--max-processes ${most}: the profile ${read.profile} starts with ${profile.processes}`);
  const { points, lengthSeconds } = traceFrom(read.trace);
  const left = lengthSeconds - read.start;
  if (left <= 0) throw new UsageError(`--start ${read.start}s: the trace ${read.trace} ends after ${lengthSeconds} s`);
  const load = { points: cutTrace(points, read.start, read.scale), durationSeconds: Math.min(read.duration ?? left, left) };
  if (requestsIn(load) > MOST_REQUESTS) throw new UsageError(`the trace ${read.trace} times ${read.scale} asks for more than ${MOST_REQUESTS} requests: lower --scale or --duration`);
  return {
    ...load,
    profile,
    policy: policyFor(read, profile),
    objectiveMs: inMs(read.objective),
    scale: { replicas: read.replicas, threads: read.threads, processes: profile.processes },
    seed: read.seed,
  };
};

const textOf = (flag: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--${flag} ${file} cannot be read: ${messageOf(error)}`);
  }
};

const traceFrom = (file: string) => {
  try {
    return parseTrace(textOf('trace', file), file);
  } catch (error) {
    throw error instanceof TraceError ? new UsageError(error.message) : error;
  }
};

const profileFrom = (file: string) => {
  try {
    return parseProfile(JSON.parse(textOf('profile', file)));
  } catch (error) {
    if (error instanceof ProfileError) throw new UsageError(`--profile ${file}: ${error.message}`);
    // The message quotes the file, which may hold anything.
    if (error instanceof SyntaxError) throw new UsageError(`--profile ${file} is no JSON: ${inspect(error.message)}`);
    throw error;
  }
};

const share = (part: number, whole: number): string => (whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(2)} %)`);
const ms = (value: number | null): string => (value === null ? '-' : `${value} ms`);

const table = (result: SimulationResult): string =>
  [
    ['policy', result.policy],
    ['requests', String(result.requests)],
    ['over objective', `${result.overObjective}${share(result.overObjective, result.requests)}`],
    ['minutes over', `${result.windowsOver} of ${result.windows}`],
    ['p50, p95, p99', `${ms(result.p50Ms)}, ${ms(result.p95Ms)}, ${ms(result.p99Ms)}`],
    ['pod-hours', String(result.podHours)],
    ['core-hours', String(result.coreHours)],
    ['most pods', String(result.maxReplicas)],
    ['reversals', String(result.reversals)],
  ]
    .map(([name = '', value = '']) => `${name.padEnd(15)} ${value}\n`)
    .join('');
