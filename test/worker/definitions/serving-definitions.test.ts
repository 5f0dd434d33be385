import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { encodeRegistry } from '../../../src/worker/definitions/registry-writer.ts';
import { registryFixture, writeGoldenStore } from '../support/golden-store.ts';
import { ask, temporaryFolder, until, WorkerProcess } from '../support/worker-process.ts';

const quick = ['--drain-grace', '0', '--idle-drain', '0', '--registry-check', '50ms'];
const known = { features: ['driver_hourly_stats:conv_rate'], entities: { driver_id: [1001] } };
const added = encodeRegistry({ project: 'golden', entities: new Map(), views: [{ name: 'added', entities: ['driver'], features: [{ name: 'x', type: 4 }] }], services: new Map() }, Date.now(), 'x');

describe('a worker whose registry changes', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let worker: WorkerProcess | undefined;
  let registry: string;

  beforeEach(() => {
    folder = temporaryFolder();
    writeGoldenStore(folder.path);
    registry = join(folder.path, 'registry.db');
  });
  afterEach(async () => {
    await worker?.end();
    worker = undefined;
    folder.remove();
  }, 30_000);

  const start = async (...more: string[]): Promise<WorkerProcess> => {
    worker = await WorkerProcess.start(['--feature-store', join(folder.path, 'feature_store.yaml'), '--token-file', folder.tokenFile, ...quick, ...more]);
    return worker;
  };
  const readiness = async (running: WorkerProcess): Promise<string> => (await ask(running.adminPort, '/readyz')).text;

  it('drops no request while every process takes new definitions', async () => {
    const running = await start('--processes', '2');
    const agent = new Agent({ keepAlive: true });
    const statuses = new Set<number>();
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted) statuses.add((await running.features(known, agent)).status);
    })();
    for (let change = 0; change < 5; change++) {
      copyFileSync(registryFixture('golden'), registry);
      await until('the added view is gone', async () => (await running.features({ ...known, features: ['added:x'] })).status === 404);
      appendFileSync(registry, added);
      // Eight connections, so that both processes are asked.
      await until('the added view is known to all', async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => running.features({ ...known, features: ['added:nope'] })));
        return answers.every(({ text }) => text.includes('Feature nope not found'));
      });
    }
    over.abort();
    await load;
    agent.destroy();
    expect([...statuses]).toEqual([200]);
  }, 60_000);

  it('serves on with the earlier definitions when the new ones cannot be served, also in new processes, and says so until it is mended', async () => {
    const running = await start();
    truncateSync(registry, 100);
    await until('the pod is degraded', async () => (await readiness(running)).includes('degraded'));
    expect(JSON.parse(await readiness(running))).toMatchObject({ status: 'degraded', reason: expect.stringMatching(/the registry .*registry\.db cannot be served, the earlier definitions stay in force/) });
    expect((await running.putPool({ threads: 8, processes: 3, generation: 1 })).status).toBe(200);
    for (let request = 0; request < 12; request++) expect((await running.features(known)).status).toBe(200);
    copyFileSync(registryFixture('golden'), registry);
    await until('the pod is well again', async () => (await readiness(running)).includes('"ready"'));
    expect(running.log.filter((line) => line.includes('cannot be served'))).toHaveLength(1);
  }, 60_000);
});

describe('a worker that cannot serve', () => {
  it('ends at once with everything that it cannot, each with file and remedy, and no secret', async () => {
    const folder = temporaryFolder();
    try {
      writeFileSync(join(folder.path, 'registry.db'), readFileSync(registryFixture('unservable')));
      const yaml = join(folder.path, 'feature_store.yaml');
      writeFileSync(yaml, 'project: unservable\nregistry: registry.db\nonline_store: {type: redis, connection_string: "r:1,password=geheim,ssl_ciphers=x"}\nauth: {type: kubernetes}\n');
      const ended = await WorkerProcess.start(['--feature-store', yaml]).then(() => 'it serves', String);
      expect(ended).toContain('ended with code 2');
      for (const part of ['`auth`', 'ssl_ciphers', 'on-demand feature view `computed`', 'feature service `vectors`']) expect(ended).toContain(part);
      expect(ended).not.toContain('geheim');
    } finally {
      folder.remove();
    }
  }, 30_000);
});
