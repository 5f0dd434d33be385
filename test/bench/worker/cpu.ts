/**
 * CPU seconds per request of the whole built-in server (all its processes), by shape, with a Redis of its own as the store.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { poolMetrics } from '../../../src/api/protocol.ts';
import { startRedisServer } from '../../../src/local/toolchain/redis-server.ts';
import { runLoadFeatures } from '../../../src/worker/loader-command.ts';
import { WorkerProcess } from '../../worker/support/worker-process.ts';
import { HttpConnections } from './http-connections.ts';

const shapes = ['1x50', '10x50', '50x50', '100x50'] as const;
/** Requests at once. */
const clients = 16;

interface Row {
  readonly shape: string;
  readonly requests: number;
  readonly cpuMs: number;
  readonly perSecond: number;
  readonly failed: number;
}

/** Sends requests, so many at once, for some seconds. */
async function drive(port: number, body: string, seconds: number): Promise<{ requests: number; failed: number }> {
  const connections = new HttpConnections(port, '/get-online-features', body, true);
  const end = performance.now() + seconds * 1000;
  let requests = 0;
  let failed = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const status = await new Promise<number>((resolve) => connections.send(resolve));
      requests++;
      if (status !== 200) failed++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { requests, failed };
}

async function measure(worker: WorkerProcess, shape: string, seconds: number): Promise<Row> {
  const body = readFileSync(fileURLToPath(new URL(`../../fixtures/feast/${shape}.json`, import.meta.url)), 'utf8');
  await drive(worker.port, body, seconds / 2);
  const cpu = async (): Promise<number> => (await worker.metrics()).get(poolMetrics.cpuSeconds) ?? NaN;
  const before = await cpu();
  const startedAt = performance.now();
  const { requests, failed } = await drive(worker.port, body, seconds);
  const took = (performance.now() - startedAt) / 1000;
  return { shape, requests, failed, cpuMs: (1000 * ((await cpu()) - before)) / requests, perSecond: requests / took };
}

/**
 * Runs the benchmark.
 * @returns the exit code: 1 when a request failed
 */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { seconds: { type: 'string', default: '4' }, out: { type: 'string', default: join('.plateau', 'bench', 'worker.json') } } });
  const folder = mkdtempSync(join(tmpdir(), 'plateau-worker-cpu-'));
  const redis = await startRedisServer({ folder });
  try {
    await runLoadFeatures(['--redis', `redis://127.0.0.1:${redis.port}`, '--folder', folder]);
    const worker = await WorkerProcess.start(['--feature-store', join(folder, 'feature_store.yaml'), '--threads', String(clients), '--objective', '2s', '--drain-grace', '0', '--idle-drain', '0']);
    const rows: Row[] = [];
    try {
      for (const shape of shapes) rows.push(await measure(worker, shape, Number(values.seconds)));
    } finally {
      await worker.end();
    }
    process.stdout.write('| shape | CPU ms per request | requests/s | requests | failed |\n|---|---|---|---|---|\n');
    for (const { shape, cpuMs, perSecond, requests, failed } of rows) process.stdout.write(`| ${shape} | ${cpuMs.toFixed(3)} | ${perSecond.toFixed(0)} | ${requests} | ${failed} |\n`);
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(values.out, `${JSON.stringify({ at: new Date().toISOString(), machine: { cpu: cpus()[0]?.model, cores: cpus().length, kernel: release(), loadAverage: loadavg() }, node: process.version, rows }, undefined, 2)}\n`);
    return rows.every(({ failed }) => failed === 0) ? 0 : 1;
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
