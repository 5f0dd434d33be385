/** Features are materialized by Feast and served by the built-in server; definitions change while requests run. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { startRedisServer } from '../../../src/local/toolchain/redis-server.ts';
import type { RedisServer } from '../../../src/local/toolchain/redis-server.ts';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import { until, WorkerProcess } from '../../worker/support/worker-process.ts';
import { describeWithTools } from '../support/describe-toolchain.ts';
import { feastEnvironment, makeRepository, script, temporaryFolder, timeZone } from './support/repository.ts';

const answerSchema = z.object({ results: z.array(z.object({ values: z.array(z.unknown()) })), metadata: z.object({ feature_names: z.array(z.string()) }) });
/** By view and user: what Feast materialized. */
const materializedSchema = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.union([z.string(), z.number()]))));
type Materialized = z.infer<typeof materializedSchema>;

const stepTimeoutMs = 180_000;

const bodyFor = (features: readonly string[], users: readonly string[]): string => `{"entities":{"user_id":[${users.join(',')}]},"features":${JSON.stringify(features)}}`;

/** All features of a view, for all its users: the question, and the answer's values by feature. */
const expectation = (materialized: Materialized, view: string): { body: string; values: Record<string, unknown[]> } => {
  const rows = Object.entries(materialized[view] ?? {});
  const names = Object.keys(rows[0]?.[1] ?? {});
  return {
    body: bodyFor(names.map((name) => `${view}:${name}`), rows.map(([user]) => user)),
    values: Object.fromEntries(names.map((name) => [name, rows.map(([, row]) => row[name])])),
  };
};

const valuesOf = (text: string): Record<string, unknown[]> => {
  const { results, metadata } = answerSchema.parse(JSON.parse(text));
  const columns = metadata.feature_names.map((name, index) => [name, results[index]?.values ?? []] as const);
  return Object.fromEntries(columns.filter(([name]) => name !== 'user_id'));
};

await describeWithTools({ python: ['feast'], redis: true }, 'definitions that change while requests run', (tools) => {
  const folder = temporaryFolder();
  const agent = new Agent({ keepAlive: true });
  let redis: RedisServer;
  let repository: string;
  let worker: WorkerProcess;

  const step = async (name: 'first' | 'second'): Promise<Materialized> => {
    const printed = await runTool(tools().python('feast').python, [script('materialize.py'), repository, name], { env: feastEnvironment() });
    return materializedSchema.parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
  };

  beforeAll(async () => {
    redis = await startRedisServer({ folder: folder.path });
    repository = makeRepository(folder.path, 'team', { type: 'redis', connection_string: `${redis.host}:${redis.port}` });
  }, stepTimeoutMs);

  afterAll(async () => {
    agent.destroy();
    await worker?.end();
    await redis?.stop();
    folder.remove();
  }, 60_000);

  it('what Feast materialized is served', async () => {
    const materialized = await step('first');
    worker = await WorkerProcess.start(['--feature-store', `${repository}/feature_store.yaml`, '--processes', '2', '--drain-grace', '0', '--idle-drain', '0'], { TZ: timeZone });
    const { body, values } = expectation(materialized, 'orders');
    const answer = await worker.features(body, agent);
    expect(answer.status).toBe(200);
    expect(valuesOf(answer.text)).toEqual(values);
  }, stepTimeoutMs);

  it('a new feature and a new view are served without a restart, and no request fails meanwhile', async () => {
    const old = bodyFor(['orders:count', 'orders:last'], ['1', '2']);
    const before = await worker.features(old, agent);
    const statuses = new Map<string, number>();
    const over = new AbortController();
    const load = (async () => {
      while (!over.signal.aborted) {
        const { status, text } = await worker.features(old, agent);
        const key = status === 200 ? JSON.stringify(valuesOf(text)) : `${status} ${text}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
        await delay(2);
      }
    })();
    try {
      const materialized = await step('second');
      for (const view of ['orders', 'visits']) {
        const { body, values } = expectation(materialized, view);
        await until(`${view} is served with all its features by each process`, async () => {
          const answers = await Promise.all(Array.from({ length: 8 }, () => worker.features(body)));
          return answers.every(({ status }) => status === 200);
        }, stepTimeoutMs);
        expect(valuesOf((await worker.features(body)).text)).toEqual(values);
      }
    } finally {
      over.abort();
      await load;
    }
    expect([...statuses.keys()]).toEqual([JSON.stringify(valuesOf(before.text))]);
    expect([...statuses.values()][0]).toBeGreaterThan(100);
  }, stepTimeoutMs);
});
