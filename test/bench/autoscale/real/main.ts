/**
 * `npm run bench autoscale -- --real`: Plateau, and a HorizontalPodAutoscaler on CPU or on the p95 over the same scrapes, on real pods with the same load;
 * what the fleet model predicted stands beside what happened.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DecisionRecord } from '../../../../src/core/decisions/record.ts';
import type { AutoscaleSpec } from '../../../../src/core/autoscale/types.ts';
import type { TracePoint } from '../../../../src/local/load/trace.ts';
import { parseProfile } from '../../../../src/sim/profile.ts';
import { plateau } from '../../../../src/sim/policies/plateau.ts';
import type { Policy } from '../../../../src/sim/policy.ts';
import { simulate } from '../../../../src/sim/simulate.ts';
import { compressed, writeTrace } from './load.ts';
import { runFleet } from './local-fleet.ts';
import { measuredOf, predictedOf, table } from './outcome.ts';
import type { Compared } from './outcome.ts';
import { bounds, objectiveMs, peerSpec, peerThreads, plateauSpec, storeMs } from './pace.ts';
import { follow, peers } from './peers.ts';

export interface RealOptions {
  readonly seconds: number;
  readonly out: string;
}

/** Entities x features, so heavy that the load generator costs little beside the pods. */
const shapes = '50x50:1';
/** CPU of the pods at the peak, cores: more than one interpreter can use, and what two cores have left beside the load and the operator. */
const peakCores = 1.25;
const seed = 1;
const calibrationSeconds = 25;
/** About half of what one process can take: at a few a second the CPU of an idle server would be counted as theirs. */
const calibrationPerSecond = 80;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Cost {
  readonly cpuMs: number;
  readonly startupSeconds: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const measuredCpuMs = (records: readonly DecisionRecord[]): number[] =>
  records.flatMap(({ input: { windows } }) => windows.pods.flatMap(({ sample }) => (sample === null || sample.completions < 10 ? [] : [(1000 * sample.cpuSeconds) / sample.completions])));

/** What a request costs one pod, and how long one takes to become ready, from a short run. */
const calibrate = async (folder: string): Promise<Cost> => {
  const trace = writeTrace(join(folder, 'calibration.csv'), [{ seconds: 0, rate: calibrationPerSecond }]);
  const { records } = await runFleet({ trace, shapes, seconds: calibrationSeconds, folder, name: 'calibration', spec: peerSpec(3) });
  const cpuMs = median(measuredCpuMs(records.slice(Math.floor(records.length / 2))));
  const starts = records.at(-1)?.input.windows.pods.map(({ startedAt, readyAt }) => ((readyAt ?? Number.NaN) - (startedAt ?? Number.NaN)) / 1000) ?? [];
  if (!(cpuMs > 0)) throw new Error('the calibration saw no request: is the machine overloaded?');
  return { cpuMs, startupSeconds: Math.max(0.5, median(starts)) };
};

const predict = (points: readonly TracePoint[], seconds: number, { cpuMs, startupSeconds }: Cost, policy: Policy, threads: number) =>
  simulate({
    points,
    durationSeconds: seconds,
    profile: parseProfile({ model: 'threads', cpuMs, storeMs: { median: storeMs, sigma: 0 }, coreLimit: null, startupSeconds }),
    policy,
    objectiveMs,
    scale: { replicas: bounds.min, threads, processes: 1 },
    seed,
  });

/** Runs everything. @returns the exit code */
export const runReal = async ({ seconds, out }: RealOptions): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-bench-real-'));
  try {
    say('calibration');
    const cost = await calibrate(folder);
    const peak = (1000 * peakCores) / cost.cpuMs;
    say(`a request costs ${cost.cpuMs.toFixed(1)} ms of CPU, a pod is ready after ${cost.startupSeconds.toFixed(1)} s; the load rises to ${peak.toFixed(0)} requests/s`);
    const points = compressed(seconds, peak);
    const trace = writeTrace(join(folder, 'load.csv'), points);
    const compare: Compared[] = [];
    const note = (compared: Compared): void => {
      compare.push(compared);
      say(table([compared]));
    };
    say('plateau');
    const own = await runFleet({ trace, shapes, seconds, folder, name: 'plateau', spec: plateauSpec });
    note({ policy: 'plateau, untuned', measured: measuredOf(own.report), predicted: predictedOf(predict(points, seconds, cost, plateau(specOf(own.records)), 2)) });
    for (const [index, { name, windowSeconds, make }] of peers.entries()) {
      say(name);
      const { report } = await runFleet({ trace, shapes, seconds, folder, name: `peer-${index}`, spec: peerSpec(windowSeconds), onRecord: follow(make()) });
      note({ policy: name, measured: measuredOf(report), predicted: predictedOf(predict(points, seconds, cost, make(), peerThreads)) });
    }
    mkdirSync(dirname(out), { recursive: true });
    const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, kernel: release(), node: process.version, load: loadavg() };
    writeFileSync(out, `${JSON.stringify({ machine, seconds, objectiveMs, cost, peakPerSecond: peak, compare }, undefined, 2)}\n`);
    process.stdout.write(`${table(compare)}\n`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The spec that the operator read from the changed object. */
const specOf = (records: readonly DecisionRecord[]): AutoscaleSpec => {
  const spec = records.at(-1)?.input.spec;
  if (spec === undefined) throw new Error('the operator has decided nothing');
  return spec;
};
