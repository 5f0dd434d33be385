import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import { loadSyntheticFeatures } from '../../../src/worker/loader.ts';
import { writeSyntheticRegistry } from '../../../src/worker/synthetic-registry.ts';
import { ask, temporaryFolder, until, WorkerProcess } from '../support/worker-process.ts';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const body = readFileSync(new URL('../../fixtures/feast/1x10.json', import.meta.url), 'utf8');

interface Tally {
  answered: number;
  failures: string[];
}

/** Closed-loop clients that note whatever is not a whole 200. */
function startClients(worker: WorkerProcess, count: number, agent: Agent | undefined): { stop: () => Promise<Tally> } {
  const tally: Tally = { answered: 0, failures: [] };
  const stopping = new AbortController();
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const answer = await worker.features(body, agent);
        if (answer.status === 200 && answer.text.endsWith('}')) tally.answered++;
        else tally.failures.push(`status ${answer.status}`);
      } catch (error) {
        tally.failures.push(String(error));
      }
    }
  };
  const clients = Array.from({ length: count }, client);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
      return tally;
    },
  };
}

describe('resizing a pool that serves', () => {
  const folder = temporaryFolder();
  let worker: WorkerProcess;
  let generation = 0;

  beforeAll(async () => {
    const wanted = { project: 'plateau', views: 5, features: 50, entities: 2000, seed: 1 };
    loadSyntheticFeatures(join(folder.path, 'online.db'), wanted);
    writeSyntheticRegistry(join(folder.path, 'registry.db'), wanted);
    const yaml = join(folder.path, 'feature_store.yaml');
    writeFileSync(yaml, 'project: plateau\nregistry: registry.db\nonline_store: {type: sqlite, path: online.db}\n');
    const quick = ['--drain-grace', '0', '--idle-drain', '5s', '--max-connection-age', '500ms', '--queue-wait', '1m'];
    worker = await WorkerProcess.start(['--feature-store', yaml, '--token-file', folder.tokenFile, '--threads', '4', '--store-delay', '2ms', ...quick]);
  }, 30_000);
  afterAll(async () => {
    await worker.end();
    folder.remove();
  }, 30_000);

  const sizes = [
    { threads: 1, processes: 3 },
    { threads: 16, processes: 1 },
    { threads: 2, processes: 2 },
    { threads: 8, processes: 4 },
    { threads: 1, processes: 1 },
    { threads: 4, processes: 2 },
    { threads: 4, processes: 1 },
  ];

  it.each([
    ['keep-alive connections', true],
    ['one connection for each request', false],
  ])('loses no request: %s', async (_name, keepAlive) => {
    const agent = keepAlive ? new Agent({ keepAlive: true, maxSockets: 24 }) : undefined;
    const clients = startClients(worker, 24, agent);
    for (const size of sizes) {
      const answer = await worker.putPool({ ...size, generation: ++generation });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toMatchObject({ ...size, generation });
      const before = (await worker.metrics()).get('worker_pool_requests_total{code="2xx"}') ?? 0;
      await until('requests are answered at the new size', async () => ((await worker.metrics()).get('worker_pool_requests_total{code="2xx"}') ?? 0) > before + 50);
      const metrics = await worker.metrics();
      expect(metrics.get('worker_pool_processes')).toBe(size.processes);
      expect(metrics.get('worker_pool_threads')).toBe(size.threads);
      expect(metrics.get('worker_pool_generation')).toBe(generation);
    }
    const { answered, failures } = await clients.stop();
    agent?.destroy();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(50 * sizes.length);
  }, 120_000);

  it('replaces a killed process and keeps what it had counted', async () => {
    expect((await worker.putPool({ processes: 2, threads: 4, generation: ++generation })).status).toBe(200);
    for (let count = 0; count < 20; count++) await worker.features(body);
    const before = await worker.metrics();
    const pid = Number(readFileSync(`/proc/${worker.process.pid}/task/${worker.process.pid}/children`, 'utf8').split(' ')[0]);
    process.kill(pid, 'SIGKILL');
    await until('the pool has shrunk', () => worker.log.some((line) => line.includes('is replaced') && line.includes(String(pid))));
    await until('the pool is whole again', async () => (await worker.metrics()).get('worker_pool_processes') === 2);
    const after = await worker.metrics();
    const counters = [...before].filter(([name]) => /_total|_bucket|_sum|_count/.test(name));
    expect(counters.length).toBeGreaterThan(50);
    for (const [name, value] of counters) expect([name, (after.get(name) ?? 0) >= value]).toEqual([name, true]);
    expect((await worker.features(body)).status).toBe(200);
  }, 60_000);

  it('keeps connections waiting, and refuses none, while its only process is replaced', async () => {
    expect((await worker.putPool({ processes: 1, threads: 4, generation: ++generation })).status).toBe(200);
    await until('one process is left', () => readFileSync(`/proc/${worker.process.pid}/task/${worker.process.pid}/children`, 'utf8').trim().split(' ').length === 1);
    const deaths = (): number => worker.log.filter((line) => line.includes('is replaced')).length;
    const before = deaths();
    process.kill(Number(readFileSync(`/proc/${worker.process.pid}/task/${worker.process.pid}/children`, 'utf8')), 'SIGKILL');
    await until('its death is noticed', () => deaths() > before);
    expect((await worker.features(body)).status).toBe(200);
  }, 60_000);

  it('leaves no client without a word whose connection a dead process had not taken', async () => {
    const child = Number(readFileSync(`/proc/${worker.process.pid}/task/${worker.process.pid}/children`, 'utf8'));
    process.kill(child, 'SIGSTOP');
    // The first is handed to the process, which does not read it; the next ones follow 2 s apart.
    const answers = Array.from({ length: 5 }, async () => worker.features(body).then(({ status }) => status, () => 'lost'));
    await until('others wait behind it', async () => ((await worker.metrics()).get('worker_pool_queue_depth') ?? 0) >= 1);
    process.kill(child, 'SIGKILL');
    const outcomes = await Promise.all(answers);
    expect(outcomes).toContain('lost');
    expect(outcomes.filter((outcome) => outcome !== 'lost' && outcome !== 200)).toEqual([]);
  }, 60_000);

  it('closes a connection when it is old, and only with an answer', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await worker.features(body, agent);
    expect(first.headers['connection']).not.toBe('close');
    await until('an answer that ends its connection', async () => (await worker.features(body, agent)).headers['connection'] === 'close');
    agent.destroy();
  }, 30_000);

  it('has a metrics page of 8 to 20 kB', async () => {
    const { text } = await ask(worker.adminPort, '/metrics');
    expect(text.length).toBeGreaterThan(8_000);
    expect(text.length).toBeLessThan(20_000);
  });
});
