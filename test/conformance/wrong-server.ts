/**
 * A small and correct server of the worker-pool protocol, with one fault if asked: `--fault NAME`. What `plateau conformance` is tried on.
 * `--store-port PORT`: a store as test/conformance/wrong-server/store.ts starts it. `--max-connection-age MS`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { poolConfigSchema, poolEnv } from '../../src/api/protocol.ts';
import type { PoolConfig } from '../../src/api/protocol.ts';
import { createAdmin } from './wrong-server/admin.ts';
import { readFault } from './wrong-server/faults.ts';
import { Pool } from './wrong-server/pool.ts';
import { createServing } from './wrong-server/serving.ts';

const { values } = parseArgs({ options: { fault: { type: 'string' }, 'store-port': { type: 'string' }, 'max-connection-age': { type: 'string', default: '60000' } } });
const fault = readFault(values.fault);
const defaults: PoolConfig = { threads: 8, processes: 1, generation: 0, objectiveMs: 100 };
const host = process.env[poolEnv.host] ?? '127.0.0.1';
const graceMs = 5000;

const readConfig = (): PoolConfig => {
  const path = process.env[poolEnv.config] ?? '';
  try {
    return poolConfigSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (fault === 'defaults-for-a-wrong-file') return defaults;
    process.stderr.write(fault === 'refuses-without-the-name' ? 'cannot start\n' : `the configuration file ${path} cannot be used: ${String(error)}\n`);
    process.exit(1);
  }
};

const listen = async (server: Server, variable: string): Promise<void> => {
  server.listen({ host, port: Number(process.env[variable] ?? '0') });
  await once(server, 'listening');
};

const config = readConfig();
const storePort = values['store-port'] === undefined ? undefined : Number(values['store-port']);
const pool = new Pool(fault === 'late-configuration' ? defaults : config, fault, storePort);
if (fault === 'late-configuration') setTimeout(() => pool.apply(config), 500);
const serving = createServing(pool, Number(values['max-connection-age']));
let isReady = true;
const admin = createAdmin({ pool, token: readFileSync(process.env[poolEnv.tokenFile] ?? '', 'utf8').trim(), isReady: () => isReady, dropConnections: serving.dropConnections });
await listen(serving.server, poolEnv.servingPort);
await listen(admin, poolEnv.adminPort);

const end = async (): Promise<void> => {
  isReady = fault === 'stays-ready';
  serving.endConnections();
  if (fault === 'drops-in-flight') process.exit(0);
  if (fault === 'stops-accepting') serving.server.close();
  await delay(graceMs);
  serving.server.close();
  serving.server.closeIdleConnections();
  if (fault === 'never-ends') return;
  while (pool.figures.inflight > 0) await delay(20);
  // What was answered last is on its way to the kernel.
  await delay(50);
  process.exit(fault === 'exits-with-1' ? 1 : 0);
};
process.on('SIGTERM', () => void end());
