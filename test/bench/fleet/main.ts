/**
 * A thousand FeatureServers on a real kube-apiserver without any node: how long until all have their children and a status,
 * what that costs the API server, what the operator needs at rest, and how fast a spec change is written with all present.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { openClient } from '../../integration/crd-client.ts';
import { startControlPlane } from '../../integration/support/control-plane.ts';
import { startAudit } from '../../integration/featureserver/support/audit.ts';
import { operatorUser, startOperator } from '../../integration/featureserver/support/operator-process.ts';
import { createFleets, untilComplete } from './fleets.ts';
import { measureLatency } from './latency.ts';
import { machine } from './machine.ts';
import { type Usage, restingUsage } from './usage.ts';

interface Result {
  machine: ReturnType<typeof machine>;
  objects: number;
  secondsUntilComplete: number;
  requestsPerObject: number;
  writesPerObject: number;
  atRest: Usage & { seconds: number; writes: number };
  eventToWriteMs: { count: number; p50: number; p99: number; max: number };
}

/** Runs the benchmark: `--objects N --rest SECONDS --changes N --out FILE`. */
export const run = async (argv: string[]): Promise<number> => {
  const { values } = parseArgs({ args: argv, options: { objects: { type: 'string', default: '1000' }, rest: { type: 'string', default: '60' }, changes: { type: 'string', default: '200' }, out: { type: 'string', default: '.plateau/bench/fleet.json' } } });
  const result = await measure(Number(values.objects), Number(values.rest), Number(values.changes));
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(table(result));
  return 0;
};

/** The harness's own range has room for 254 Services. */
const roomForServices = ['--service-cluster-ip-range=10.32.0.0/16'];

const measure = async (objects: number, restSeconds: number, changes: number): Promise<Result> => {
  const audit = startAudit();
  const plane = await startControlPlane({ apiServerFlags: [...audit.flags, ...roomForServices] });
  const client = openClient(plane.kubeconfigPath);
  try {
    await plane.installCrds();
    const namespace = await plane.createNamespace('bench');
    const operator = await startOperator(plane, ['--log-level', 'warn'], await operatorUser(plane));
    const begin = performance.now();
    await createFleets(client, namespace, objects);
    await untilComplete(client, namespace, objects);
    const secondsUntilComplete = (performance.now() - begin) / 1000;
    const complete = { requests: audit.requests().length, writes: audit.writes().length };
    const usage = await restingUsage(operator.pid, restSeconds);
    const writes = audit.writes().length - complete.writes;
    const eventToWriteMs = await measureLatency(client, namespace, objects, changes);
    await operator.stop();
    return {
      machine: machine(), objects, secondsUntilComplete,
      requestsPerObject: complete.requests / objects, writesPerObject: complete.writes / objects,
      atRest: { ...usage, seconds: restSeconds, writes }, eventToWriteMs,
    };
  } finally {
    await client.close();
    await plane.stop();
  }
};

const table = ({ objects, secondsUntilComplete, requestsPerObject, writesPerObject, atRest, eventToWriteMs: latency, machine: { cpu, cores } }: Result): string =>
  [
    `${objects} FeatureServers, real kube-apiserver, no node; ${cores} × ${cpu}`,
    `  all children and status after     ${secondsUntilComplete.toFixed(1)} s`,
    `  API requests for each object      ${requestsPerObject.toFixed(1)}, of them ${writesPerObject.toFixed(1)} writes`,
    `  at rest for ${atRest.seconds} s                   ${atRest.residentMiB.toFixed(0)} MiB resident (target < 250 MB), ${(100 * atRest.cores).toFixed(2)} % of a core (target < 2 %), ${atRest.writes} writes`,
    `  spec change → applied Deployment  p50 ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms, max ${latency.max.toFixed(0)} ms (${latency.count} changes)`,
    '',
  ].join('\n');
