import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { poolMetrics, poolStateSchema } from '../../../src/api/protocol.ts';
import { writeGoldenStore } from '../support/golden-store.ts';
import { ask, temporaryFolder, token, until, WorkerProcess } from '../support/worker-process.ts';

const good = { features: ['driver_hourly_stats:conv_rate'], entities: { driver_id: [1001] } };

describe('the admin port', () => {
  const folder = temporaryFolder();
  const start = { threads: 3, processes: 2, generation: 2 ** 32 + 7, objectiveMs: 42 };
  let worker: WorkerProcess;

  beforeAll(async () => {
    const config = join(folder.path, 'pool.json');
    writeFileSync(config, JSON.stringify(start));
    const args = ['--feature-store', writeGoldenStore(folder.path), '--threads', '99', '--threads-max', '64', '--processes-max', '4', '--drain-grace', '0', '--idle-drain', '0'];
    worker = await WorkerProcess.start([...args, '--store-delay', '300ms', '--queue-wait', '1m'], { WORKER_POOL_CONFIG: config, WORKER_POOL_TOKEN_FILE: folder.tokenFile });
  }, 90_000);
  afterAll(async () => {
    await worker.end();
    folder.remove();
  }, 90_000);

  it('starts at the size of the configuration file', async () => {
    const { status, text } = await ask(worker.adminPort, '/pool');
    expect(status).toBe(200);
    expect(poolStateSchema.parse(JSON.parse(text))).toEqual({
      ...start,
      limits: { threads: { min: 1, max: 64 }, processes: { min: 1, max: 4 } },
      live: { threads: true, processes: true },
      model: 'eventloop',
      knob: 'inflight',
      gil: 'none',
    });
  });

  it('is ready once the store was reached', async () => {
    await until('ready', async () => (await ask(worker.adminPort, '/readyz')).status === 200);
    expect((await ask(worker.adminPort, '/healthz')).status).toBe(200);
  });

  it('has room for a probe however many connections others keep', async () => {
    const kept = Array.from({ length: 300 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const get = (agent: Agent | undefined): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port: worker.adminPort, path: '/healthz', agent: agent ?? false }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject);
      });
    await Promise.allSettled(kept.map(get));
    await until('a probe is answered', async () => (await get(undefined).catch(() => 0)) === 200);
    for (const agent of kept) agent.destroy();
  }, 30_000);

  it('shows the metrics that an event loop has, with an edge at the objective', async () => {
    const metrics = await worker.metrics();
    const names = new Set([...metrics.keys()].map((key) => key.replace(/\{.*$/, '').replace(/_(bucket|sum|count)$/, '')));
    const { gilWaitSeconds, gilProbeSeconds, gilWaitingThreadSeconds, lockWaitSeconds, ...others } = poolMetrics;
    const byKernel = [others.runqueueWaitSeconds, others.cpuPeriods, others.cpuThrottledPeriods, others.cpuThrottledSeconds] as const;
    const expected = Object.values(others).filter((name) => !byKernel.some((optional) => optional === name));
    for (const name of expected) expect([name, names.has(name)]).toEqual([name, true]);
    for (const name of [gilWaitSeconds, gilProbeSeconds, gilWaitingThreadSeconds, lockWaitSeconds]) expect([name, names.has(name)]).toEqual([name, false]);
    expect(metrics.has('worker_pool_request_seconds_bucket{le="0.042"}')).toBe(true);
    expect([...metrics.values()].every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
  });

  it('answers a change when it is in force, and its repetition alike', async () => {
    const generation = start.generation + 1;
    const changed = await worker.putPool({ threads: 5, generation });
    expect([changed.status, JSON.parse(changed.text)]).toEqual([200, expect.objectContaining({ threads: 5, processes: 2, generation })]);
    const repeated = await worker.putPool({ threads: 5, generation });
    expect([repeated.status, repeated.text]).toEqual([200, changed.text]);
  });

  it.each<[string, Record<string, number>, number]>([
    ['an older generation', { threads: 6, generation: start.generation }, 409],
    ['the same generation with another size', { threads: 6, generation: start.generation + 1 }, 409],
    ['too many threads', { threads: 65, generation: start.generation + 2 }, 422],
    ['no process', { processes: 0, generation: start.generation + 2 }, 422],
    ['no generation', { threads: 6 }, 422],
    ['half a thread', { threads: 1.5, generation: start.generation + 2 }, 422],
    ['an objective of zero', { objectiveMs: 0, generation: start.generation + 2 }, 422],
  ])('refuses %s and changes nothing', async (_name, change, status) => {
    const before = (await ask(worker.adminPort, '/pool')).text;
    const answer = await worker.putPool(change);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.any(String) });
    expect((await ask(worker.adminPort, '/pool')).text).toBe(before);
  });

  it('asks for the token, and takes a rotated one at once', async () => {
    const change = { threads: 5, generation: start.generation + 1 };
    expect((await worker.putPool(change, 'wrong')).status).toBe(401);
    expect((await worker.putPool(change, `${token}x`)).status).toBe(401);
    expect((await ask(worker.adminPort, '/pool', { method: 'PUT', body: '{}' })).status).toBe(401);
    writeFileSync(folder.tokenFile, 'rotated');
    expect((await worker.putPool(change)).status).toBe(401);
    expect((await worker.putPool(change, 'rotated')).status).toBe(200);
    writeFileSync(folder.tokenFile, token);
  });

  it.each([
    ['text', 'hello', 400],
    ['a list', '[]', 422],
    ['a large body', ' '.repeat(20_000), 413],
  ])('refuses %s', async (_name, body, status) => {
    const answer = await ask(worker.adminPort, '/pool', { method: 'PUT', body, headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(status);
  });

  it('moves the edge with the objective, and counts on', async () => {
    const before = (await worker.metrics()).get('worker_pool_request_seconds_count') ?? 0;
    expect((await worker.features(good)).status).toBe(200);
    expect((await worker.putPool({ objectiveMs: 77, generation: start.generation + 10 })).status).toBe(200);
    const metrics = await worker.metrics();
    expect(metrics.has('worker_pool_request_seconds_bucket{le="0.077"}')).toBe(true);
    expect(metrics.has('worker_pool_request_seconds_bucket{le="0.042"}')).toBe(false);
    expect(metrics.get('worker_pool_request_seconds_count')).toBe(before + 1);
    expect(metrics.get('worker_pool_over_objective_total')).toBeGreaterThanOrEqual(1);
  });

  it('applies changes that come together in order, each answered', async () => {
    const base = start.generation + 20;
    const changes = [1, 2, 3, 4].map((step) => worker.putPool({ processes: step, threads: step, generation: base + step }));
    const statuses = (await Promise.all(changes)).map((answer) => answer.status);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    expect(JSON.parse((await ask(worker.adminPort, '/pool')).text)).toMatchObject({ processes: 4, threads: 4, generation: base + 4 });
    expect((await worker.metrics()).get('worker_pool_processes')).toBe(4);
  }, 90_000);

  it('sheds what does not fit into the queue, with Retry-After, and stays healthy', async () => {
    expect((await worker.putPool({ processes: 1, threads: 1, generation: start.generation + 30 })).status).toBe(200);
    const shed = async (): Promise<number> => {
      const metrics = await worker.metrics();
      return (metrics.get('worker_pool_rejected_total{reason="queue_full"}') ?? 0) + (metrics.get('worker_pool_rejected_total{reason="accept_queue_full"}') ?? 0);
    };
    const answered = async (): Promise<number> => (await worker.metrics()).get('worker_pool_requests_total{code="2xx"}') ?? 0;
    const before = await shed();
    const answeredBefore = await answered();
    // One is worked on for 300 ms, 64 wait in the process and as many connections before it; the rest has no place. What is answered while
    // others are still being sent gives its place on: a slow machine sheds fewer.
    const sent = 200;
    const answers = Array.from({ length: sent }, () => worker.features(good));
    await until('what has no place is shed', async () => (await shed()) - before + (await answered()) - answeredBefore >= sent - 1 - 2 * 64);
    expect((await ask(worker.adminPort, '/readyz')).status).toBe(200);
    // More places, and the queue runs dry.
    expect((await worker.putPool({ threads: 64, generation: start.generation + 31 })).status).toBe(200);
    const done = await Promise.all(answers);
    const refused = done.filter((answer) => answer.status === 503);
    expect(done.filter((answer) => answer.status === 200)).toHaveLength(sent - refused.length);
    expect(refused.length).toBe((await shed()) - before);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(sent - 65);
    expect(refused.every((answer) => answer.headers['retry-after'] === '1')).toBe(true);
  }, 90_000);

  it.each([
    ['GET', '/nothing', 404],
    ['POST', '/metrics', 405],
    ['DELETE', '/pool', 405],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await ask(worker.adminPort, path, { method })).status).toBe(status);
  });
});
