import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { writeGoldenStore } from './support/golden-store.ts';
import { ask, temporaryFolder, until, WorkerProcess } from './support/worker-process.ts';

const good = { features: ['driver_hourly_stats:conv_rate'], entities: { driver_id: [1001] } };
const quick = ['--drain-grace', '0', '--idle-drain', '0'];

const childrenOf = (pid: number | undefined): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);

describe('the life of a worker', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let yaml: string;
  let worker: WorkerProcess | undefined;

  const start = async (...args: string[]): Promise<WorkerProcess> => (worker = await WorkerProcess.start(['--feature-store', yaml, ...args]));

  beforeEach(() => {
    folder = temporaryFolder();
    yaml = writeGoldenStore(folder.path);
  });
  afterEach(async () => {
    await worker?.end('SIGKILL');
    worker = undefined;
    folder.remove();
  }, 90_000);

  it('after SIGTERM is not ready, still accepts for the grace, finishes what it holds, and exits 0', async () => {
    const running = await start('--store-delay', '300ms', '--drain-grace', '4s', '--idle-drain', '0');
    await until('ready', async () => (await ask(running.adminPort, '/readyz')).status === 200);
    const agent = new Agent({ keepAlive: true });
    await running.features(good, agent);
    const exit = running.end('SIGTERM');
    await until('not ready', async () => (await ask(running.adminPort, '/readyz')).status === 503);
    const late = await Promise.all([running.features(good), running.features(good, agent)]);
    expect(late.map((answer) => [answer.status, answer.headers['connection']])).toEqual([[200, 'close'], [200, 'close']]);
    const last = running.features(good);
    expect(await exit).toBe(0);
    expect((await last.catch((error: unknown) => ({ status: 0, error }))).status).toBe(200);
    agent.destroy();
  }, 90_000);

  it('finishes what it holds within a grace period that is shorter than the drain', async () => {
    const running = await start('--store-delay', '500ms', '--drain-grace', '60s', '--termination-grace', '8s', '--idle-drain', '60s');
    await until('ready', async () => (await ask(running.adminPort, '/readyz')).status === 200);
    const idle = new Agent({ keepAlive: true });
    await running.features(good, idle);
    const exit = running.end('SIGTERM');
    await until('not ready', async () => (await ask(running.adminPort, '/readyz')).status === 503);
    const held = running.features(good);
    expect(await exit).toBe(0);
    expect((await held).status).toBe(200);
    expect(running.log.filter((line) => line.includes('still in flight'))).toEqual([]);
    idle.destroy();
  }, 90_000);

  it('gives up on what does not end before the grace period does', async () => {
    const running = await start('--store-delay', '20s', '--termination-grace', '1500ms', ...quick);
    const stuck = running.features(good).then(() => 'answered', () => 'lost');
    await until('in flight', async () => (await running.metrics()).get('worker_pool_inflight') === 1);
    const from = performance.now();
    expect(await running.end('SIGTERM')).toBe(0);
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(await stuck).toBe('lost');
  }, 90_000);

  it('takes its serving processes with it when it is killed', async () => {
    const running = await start('--processes', '2', ...quick);
    const children = childrenOf(running.process.pid);
    expect(children).toHaveLength(2);
    await running.end('SIGKILL');
    await until('the children are gone', () => children.every((pid) => !existsSync(`/proc/${pid}`)));
  }, 90_000);

  it('waits for a store that is not there yet', async () => {
    const store = join(folder.path, 'online.db');
    renameSync(store, `${store}.later`);
    const running = await start(...quick);
    const unready = await ask(running.adminPort, '/readyz');
    expect([unready.status, unready.text]).toEqual([503, expect.stringContaining('online.db')]);
    expect((await running.features(good)).status).toBe(503);
    renameSync(`${store}.later`, store);
    await until('ready', async () => (await ask(running.adminPort, '/readyz')).status === 200);
    expect((await running.features(good)).status).toBe(200);
  }, 90_000);

  it('is degraded and stays ready when the store goes, and recovers when another one comes', async () => {
    const store = join(folder.path, 'online.db');
    const running = await start(...quick);
    await until('ready', async () => (await ask(running.adminPort, '/readyz')).status === 200);
    rmSync(store);
    await until('degraded', async () => (await ask(running.adminPort, '/readyz')).text.includes('degraded'));
    const refused = await running.features(good);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect((await ask(running.adminPort, '/readyz')).status).toBe(200);
    writeFileSync(store, 'this is no database');
    await until('still degraded', async () => (await ask(running.adminPort, '/readyz')).text.includes('not a database'));
    rmSync(store);
    writeGoldenStore(folder.path);
    await until('served again', async () => (await running.features(good)).status === 200);
    await until('no longer degraded', async () => !(await ask(running.adminPort, '/readyz')).text.includes('degraded'));
  }, 90_000);

  it('sees rows and views that are written while it serves', async () => {
    const { encodeRegistry } = await import('../../src/worker/definitions/registry-writer.ts');
    const running = await start(...quick);
    const unknown = { features: ['driver_hourly_stats:conv_rate'], entities: { driver_id: [4711] } };
    expect((await running.features(unknown)).text).toContain('NOT_FOUND');
    const { DatabaseSync } = await import('node:sqlite');
    const { driverKey, insertCells } = await import('./support/golden-store.ts');
    const { createViewTable } = await import('../../src/worker/loader.ts');
    const database = new DatabaseSync(join(folder.path, 'online.db'));
    insertCells(database, 'golden_driver_hourly_stats', driverKey(4711n), { conv_rate: '350000003f' }, '2026-08-01 12:00:00.250000');
    insertCells(database, createViewTable(database, 'golden_fresh'), driverKey(1n), { x: '2001' }, '2026-08-01 12:00:00');
    database.close();
    const view = { name: 'fresh', entities: ['driver'], features: [{ name: 'x', type: 4 }] };
    const added = encodeRegistry({ project: 'golden', entities: new Map(), views: [view], services: new Map() }, Date.now(), 'later');
    // Serialized messages of one type, put one behind the other, are one message with the fields of both.
    appendFileSync(join(folder.path, 'registry.db'), added);
    expect((await running.features(unknown)).text).toContain('"values":[0.5],"statuses":["PRESENT"],"event_timestamps":["2026-08-01T12:00:00.250Z"]');
    await until('the new view is served', async () => (await running.features({ features: ['fresh:x'], entities: { driver_id: [1] } })).status === 200);
  }, 90_000);

  it('burns the CPU it is told to, and counts it', async () => {
    const running = await start('--cpu-burn', '20ms', ...quick);
    const before = (await running.metrics()).get('worker_pool_process_cpu_seconds_total{process="0"}') ?? 0;
    for (let count = 0; count < 10; count++) await running.features(good);
    const after = (await running.metrics()).get('worker_pool_process_cpu_seconds_total{process="0"}') ?? 0;
    expect(after - before).toBeGreaterThan(0.15);
  }, 90_000);

  it.each([
    ['a missing feature store', ['--feature-store', '/nowhere.yaml'], 2, /nowhere\.yaml.*--feature-store/],
    ['no feature store', [], 2, /--feature-store is missing/],
    ['an unknown flag', ['--nope'], 2, /nope/],
    ['numbers that are none', ['--feature-store', 'x', '--threads', 'many', '--store-delay', '5 apples'], 2, /--threads[^]*--store-delay/],
    ['a missing configuration', ['--feature-store', 'YAML', '--config', '/nowhere.json'], 1, /nowhere\.json.*"threads"/],
  ])('says what is wrong: %s', async (_name, args, code, message) => {
    const failed = await WorkerProcess.start(args.map((arg) => (arg === 'YAML' ? yaml : arg))).catch((error: unknown) => String(error));
    expect(failed).toMatch(message);
    expect(failed).toContain(`code ${code}`);
  }, 90_000);

  it('says that a configuration file asks for more than its limits', async () => {
    const config = join(folder.path, 'pool.json');
    writeFileSync(config, JSON.stringify({ threads: 2000, processes: 1, generation: 1, objectiveMs: 30 }));
    const failed = await WorkerProcess.start(['--feature-store', yaml, '--config', config]).catch((error: unknown) => String(error));
    expect(failed).toMatch(/code 1[^]*pool\.json: threads 2000 is outside 1 to 1024[^]*--threads-max/);
  }, 90_000);

  it('is not ready while no process serves', async () => {
    const running = await start(...quick);
    await until('ready', async () => (await ask(running.adminPort, '/readyz')).status === 200);
    // A process that comes back is killed anew: on a slow machine the moment without one is easily missed.
    await until('not ready', async () => {
      for (const child of childrenOf(running.process.pid)) process.kill(child, 'SIGKILL');
      return (await ask(running.adminPort, '/readyz')).text.includes('no serving process');
    });
    await until('ready again', async () => (await ask(running.adminPort, '/readyz')).status === 200);
  }, 90_000);

  it('says that a port is taken, and ends', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    for (const flag of ['--port', '--admin-port']) {
      const failed = await WorkerProcess.start(['--feature-store', yaml, flag, port]).catch((error: unknown) => String(error));
      expect(failed).toMatch(/code 1[^]*EADDRINUSE[^]*free the port/);
    }
    server.close();
  }, 90_000);
});
