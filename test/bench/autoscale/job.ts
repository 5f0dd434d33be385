/**
 * One run of the comparison.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationMs } from '../../../src/api/duration.ts';
import { readSimulateArguments } from '../../../src/cli/simulate-arguments.ts';
import { policyFor } from '../../../src/cli/simulate-policy.ts';
import { parseTrace } from '../../../src/local/load/trace.ts';
import type { SimulationResult } from '../../../src/sim/outcome.ts';
import { cutTrace } from '../../../src/sim/cut-trace.ts';
import { parseProfile } from '../../../src/sim/profile.ts';
import { simulate } from '../../../src/sim/simulate.ts';
import { common } from './suite.ts';
import type { Row, Setting } from './suite.ts';

export interface Job {
  readonly row: Row;
  readonly setting: Setting;
  readonly seed: number;
}

const traces = new Map<string, ReturnType<typeof parseTrace>>();

const traceOf = (name: string): ReturnType<typeof parseTrace> => {
  const known = traces.get(name) ?? parseTrace(readFileSync(join(import.meta.dirname, '../../fixtures/traces', `${name}.csv`), 'utf8'), name);
  traces.set(name, known);
  return known;
};

/** A p95 target is written as a share of the objective, pods as those for the trace at its own rate. */
const withTarget = (setting: Setting, { objective, scale }: Row): string[] =>
  setting.map((word, index) => {
    if (setting[index - 1] === '--p95-target') return `${Number((durationMs(objective) * Number(word)).toPrecision(6))}ms`;
    return setting[index - 1] === '--replicas' ? String(Math.ceil(Number(word) * scale)) : word;
  });

export const runJob = ({ row, setting, seed }: Job): SimulationResult => {
  const read = readSimulateArguments(['--trace', row.trace, '--profile', row.name, '--objective', row.objective, '--seed', String(seed), ...common(row), ...(row.mostProcesses === undefined || setting[1] !== 'plateau' ? [] : ['--max-processes', String(row.mostProcesses)]), ...withTarget(setting, row)]);
  if (read === null) throw new Error('a setting asks for help');
  const profile = parseProfile(row.profile);
  return simulate({
    points: cutTrace(traceOf(row.trace).points, 0, row.scale),
    durationSeconds: row.durationSeconds,
    profile,
    policy: policyFor(read, profile),
    objectiveMs: 1000 * read.objective,
    scale: { replicas: read.replicas, threads: read.threads, processes: profile.processes },
    seed,
  });
};
