/**
 * One run of a fleet of real pods: `plateau local` with the Python thread server, changed over its API, with every evaluation of its operator.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { apiVersionOf, resourceTypes } from '../../../../src/api/resource-types.ts';
import { readRecord } from '../../../../src/core/decisions/record.ts';
import type { DecisionRecord } from '../../../../src/core/decisions/record.ts';
import { createApiClient } from '../../../../src/kube/client.ts';
import { loadKubeConfig } from '../../../../src/kube/load-kube-config.ts';
import { noMetrics } from '../../../../src/local/control-loops.ts';
import { reportSchema } from '../../../../src/local/report/report.ts';
import type { Report } from '../../../../src/local/report/report.ts';
import type { ApiClient } from '../../../../src/runtime/ports.ts';
import { systemClock } from '../../../../src/runtime/system-clock.ts';

const program = join(import.meta.dirname, '..', '..', '..', '..', 'src', 'cli', 'plateau.ts');
const pollMs = 200;
/** From the start of the command to its API server. */
const startWithinMs = 120_000;

export interface FleetRun {
  /** A file for the trace's load, CSV. */
  readonly trace: string;
  readonly shapes: string;
  readonly seconds: number;
  /** Of files of this run, with a name of its own. */
  readonly folder: string;
  readonly name: string;
  /** Part of the FeatureServer's spec that takes the place of the runtime's own. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Called with each evaluation of the operator, in order. */
  readonly onRecord?: (record: DecisionRecord, setReplicas: (replicas: number) => Promise<void>) => Promise<void>;
}

export interface FleetOutcome {
  readonly report: Report;
  readonly records: readonly DecisionRecord[];
}

type Local = ChildProcessByStdio<null, Readable, Readable>;

/** Runs a fleet to the end of its load. @throws Error with what the command printed when it fails */
export const runFleet = async (run: FleetRun): Promise<FleetOutcome> => {
  const [report, decisions] = [join(run.folder, `${run.name}.json`), join(run.folder, `${run.name}.decisions`)];
  const argv = [program, 'local', '--runtime', 'waitress', '--trace', run.trace, '--shapes', run.shapes, '--scale', String(1 / runtimeScale), '--duration', `${run.seconds}s`, '--report', report, '--decisions', decisions];
  const local = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(local, 'close').then(([code]) => (typeof code === 'number' ? code : 1));
  const output: string[] = [];
  const client = await connect(local, ended, output).catch((error: unknown) => {
    local.kill('SIGINT');
    throw error;
  });
  const records: DecisionRecord[] = [];
  try {
    await apply(client, 'bench-autoscale', run.spec);
    const setReplicas = (replicas: number): Promise<void> => apply(client, 'bench-autoscale-peer', { replicas });
    const tail = new Tail(decisions);
    const take = async (record: DecisionRecord): Promise<void> => {
      records.push(record);
      if (!isNearEnd(run, records)) await run.onRecord?.(record, setReplicas);
    };
    while ((await Promise.race([ended, delay(pollMs)])) === undefined) for (const record of await tail.next()) await take(record);
  } finally {
    local.kill('SIGINT');
    await client.close();
    await ended;
  }
  const code = await ended;
  if (code !== 0) throw new Error(`plateau local ended with exit code ${code}:\n${output.join('\n')}`);
  return { report: reportSchema.parse(JSON.parse(await readFile(report, 'utf8'))), records };
};

/** The API server goes with the end of the load. */
const isNearEnd = ({ seconds }: FleetRun, records: readonly DecisionRecord[]): boolean => (records.at(-1)?.input.now ?? 0) - (records[0]?.input.now ?? 0) > 1000 * (seconds - 2);

/** What `--runtime waitress` multiplies a trace by; taken back here, so that a trace's rates are the ones that are sent. */
const runtimeScale = 0.4;

const connect = async (local: Local, ended: Promise<number>, output: string[]): Promise<ReturnType<typeof createApiClient>> => {
  const kubeconfig = Promise.withResolvers<string>();
  for (const stream of [local.stdout, local.stderr]) {
    createInterface(stream).on('line', (line) => {
      output.push(line);
      const path = /--kubeconfig (\S+) get/u.exec(line)?.[1];
      if (path !== undefined) kubeconfig.resolve(path);
    });
  }
  const path = await Promise.race([kubeconfig.promise, ended, delay(startWithinMs)]);
  if (typeof path !== 'string') {
    throw new Error(`plateau local did not come up:\n${output.join('\n')}`);
  }
  return createApiClient(loadKubeConfig({ path }), { clock: systemClock({ unref: true }), metrics: noMetrics });
};

const apply = async (client: ApiClient, fieldManager: string, spec: Readonly<Record<string, unknown>>): Promise<void> => {
  const type = resourceTypes.featureServer;
  const object = { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name: 'ranking', namespace: 'default' }, spec };
  await client.apply(type, object, { fieldManager, force: true });
};

/** Lines that were appended since the last look. */
class Tail {
  readonly #path: string;
  #offset = 0;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  async next(): Promise<DecisionRecord[]> {
    const size = await stat(this.#path).then(({ size: bytes }) => bytes, () => 0);
    if (size <= this.#offset) return [];
    await using file = await open(this.#path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - this.#offset), 0, size - this.#offset, this.#offset);
    this.#offset += bytesRead;
    const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, bytesRead))).split('\n');
    this.#rest = lines.pop() ?? '';
    // An operator that starts again ends the line that the last one may have left.
    return lines.filter((line) => line !== '').map((line) => {
      const read = readRecord(line);
      if (!read.ok) throw new Error(`the operator wrote a decision that cannot be read: ${read.problem}`);
      return read.value;
    });
  }
}
