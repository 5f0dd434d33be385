import { afterEach, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { runLoadFeatures } from '../../src/worker/loader-command.ts';
import { startRedisServer } from '../../src/local/toolchain/redis-server.ts';
import { describeWithTools } from '../integration/support/describe-toolchain.ts';
import { ask, temporaryFolder, until, WorkerProcess } from './support/worker-process.ts';

const wish = { features: ['feature_view_0:feature_0'], entities: { entity: [1, 2, 99_999_999] } };

await describeWithTools({ redis: true }, 'a worker that reads from Redis', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  const start = async (...args: string[]) => {
    const folder = temporaryFolder();
    cleanUps.push(folder.remove);
    const redis = await startRedisServer();
    cleanUps.push(() => redis.stop());
    expect(await runLoadFeatures(['--redis', `redis://127.0.0.1:${redis.port}`, '--folder', folder.path, '--entities', '10'])).toBe(0);
    const worker = await WorkerProcess.start(['--feature-store', join(folder.path, 'feature_store.yaml'), '--drain-grace', '0', '--idle-drain', '0', '--store-timeout', '2s', ...args]);
    cleanUps.push(() => worker.end());
    await until('it is ready', async () => (await ask(worker.adminPort, '/readyz')).status === 200);
    return { redis, worker };
  };

  it.each([
    ['feast', 'PRESENT'],
    ['not-found', 'NOT_FOUND'],
  ])('answers what is missing as --missing-entities %s says', async (setting, status) => {
    const { worker } = await start('--missing-entities', setting);
    const { text } = await worker.features(wish);
    expect(text).toContain(`"statuses":["PRESENT","PRESENT","${status}"],"event_timestamps":["2026-08-01T12:00:00Z","2026-08-01T12:00:00Z","1970-01-01T00:00:00Z"]`);
    expect((await worker.metrics()).get('worker_pool_store_seconds_count')).toBe(1);
  }, 60_000);

  it('answers 503 in time while Redis is frozen and killed, stays ready, tells each loss and return once, and comes back by itself', async () => {
    const { redis, worker } = await start('--processes', '2');
    expect((await worker.features(wish)).status).toBe(200);
    process.kill(-redis.process.pid, 'SIGSTOP');
    const frozen = await Promise.all(Array.from({ length: 20 }, async () => worker.features(wish)));
    for (const { status, headers } of frozen) expect([status, headers['retry-after']]).toEqual([503, '1']);
    await until('the pod says that it is degraded', async () => (await ask(worker.adminPort, '/readyz')).text.includes('degraded'));
    expect((await ask(worker.adminPort, '/readyz')).status).toBe(200);
    process.kill(-redis.process.pid, 'SIGCONT');
    await until('answers come again', async () => (await worker.features(wish)).status === 200);
    await until('the return is told', () => worker.log.some((line) => line.includes('store is back')));
    redis.process.kill();
    await until('the loss is met', async () => (await worker.features(wish)).status === 503);
    await until('the second loss is told', () => worker.log.filter((line) => line.includes('store is lost')).length === 2);
    expect(worker.log.filter((line) => line.includes('store is back'))).toHaveLength(1);
    expect(worker.log.filter((line) => line.includes('died'))).toEqual([]);
  }, 60_000);
});
