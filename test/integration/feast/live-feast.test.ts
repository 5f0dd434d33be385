/** The built-in server and a live Feast 0.66 server on the same registry and the same store, asked the same. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Agent } from 'node:http';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { startRedisServer } from '../../../src/local/toolchain/redis-server.ts';
import type { RedisServer } from '../../../src/local/toolchain/redis-server.ts';
import { until, WorkerProcess } from '../../worker/support/worker-process.ts';
import { describeWithTools } from '../support/describe-toolchain.ts';
import type { Catalogue } from './support/catalogue.ts';
import { agree, askBoth, describeDifferences, differences, posted, withoutTimes } from './support/differential.ts';
import type { Servers } from './support/differential.ts';
import { startFeastServer } from './support/feast-server.ts';
import type { FeastServer } from './support/feast-server.ts';
import { isIntended } from './support/intended.ts';
import { rawExchanges } from './support/raw-exchanges.ts';
import type { RawExchange } from './support/raw-exchanges.ts';
import { buildRepositories, makeRepository, temporaryFolder, timeZone } from './support/repository.ts';
import { compareClients, readOnce } from './support/sdk.ts';
import type { Client } from './support/sdk.ts';
import { bodyOf, drafts, everyCell, everyRow } from './support/requests.ts';

/** Another seed tries other definitions, rows and requests: PLATEAU_FEAST_SEED=7 npm test -- integration feast/live. */
const seed = Number(process.env['PLATEAU_FEAST_SEED'] ?? 1);
const requestsPerStore = Number(process.env['PLATEAU_FEAST_REQUESTS'] ?? 500);
const stores = ['sqlite', 'redis'] as const;
type Store = (typeof stores)[number];

const startTimeoutMs = 300_000;
const sdkTimeoutMs = 120_000;

/** The exceptions that the SDK raises, by question; the other questions get answers. */
const sdkErrors: Readonly<Record<string, string>> = {
  'unknown view': 'FeatureViewNotFoundException',
  'unknown service': 'FeatureServiceNotFoundException',
  // A 500 is asked again as often as the client is configured to, and then only this much is left of it.
  'unknown feature': 'RetryError',
  collision: 'RetryError',
  'missing join key': 'RetryError',
  'wrong type': 'RetryError',
};

const answerSchema = z.object({ results: z.array(z.object({ values: z.array(z.unknown()), statuses: z.array(z.string()) })) });

/** The last column of an answer with one row. */
const cellOf = (text: string): { holdsNull: boolean; cell: string | undefined } => {
  const last = answerSchema.parse(JSON.parse(text)).results.at(-1);
  const value = last?.values[0];
  return { holdsNull: value === null || (Array.isArray(value) && value.includes(null)), cell: last?.statuses[0] };
};

const anyRequest = { entities: { user_id: [2] }, features: ['scalars:int64'] };

const failures = async (worker: WorkerProcess): Promise<number> => (await worker.metrics()).get('worker_pool_requests_total{code="5xx"}') ?? 0;

const startWorker = async (repository: string, ...flags: readonly string[]): Promise<WorkerProcess> =>
  WorkerProcess.start(['--feature-store', join(repository, 'feature_store.yaml'), '--drain-grace', '0', '--idle-drain', '0', ...flags], { TZ: timeZone });

await describeWithTools({ python: ['feast'], redis: true }, `answers as Feast does (seed ${seed})`, (tools) => {
  const folder = temporaryFolder();
  const agent = new Agent({ keepAlive: true });
  let redis: RedisServer;
  let catalogue: Catalogue;
  let repositories: Record<Store, string>;
  const running = new Map<Store, { feast: FeastServer; worker: WorkerProcess }>();

  beforeAll(async () => {
    redis = await startRedisServer({ folder: folder.path });
    const python = tools().python('feast');
    repositories = {
      sqlite: makeRepository(folder.path, 'sqlite', { type: 'sqlite', path: 'online.db' }),
      redis: makeRepository(folder.path, 'redis', { type: 'redis', connection_string: `${redis.host}:${redis.port}` }),
    };
    catalogue = await buildRepositories(python, seed, Object.values(repositories));
    await Promise.all(stores.map(async (store) => {
      const [feast, worker] = await Promise.all([
        startFeastServer(python, repositories[store]),
        startWorker(repositories[store]),
      ]);
      running.set(store, { feast, worker });
    }));
  }, startTimeoutMs);

  afterAll(async () => {
    agent.destroy();
    await Promise.all([...running.values()].flatMap(({ feast, worker }) => [feast.stop(), worker.end()]));
    await redis?.stop();
    folder.remove();
  }, 60_000);

  const of = (store: Store): { feast: FeastServer; worker: WorkerProcess } => {
    const both = running.get(store);
    if (both === undefined) throw new Error(`the servers on ${store} did not start`);
    return both;
  };

  describe.each(stores)('%s', (store) => {
    const client = (name: string, port: number, retries = 0): Client => ({ folder: folder.path, name: `${store}-${name}`, port, registry: `${repositories[store]}/registry.db`, retries });
    const servers = (): Servers => {
      const { feast, worker } = of(store);
      return { feastPort: feast.port, ourPort: worker.port, agent };
    };

    /** Differences that are not in the table of intended ones. */
    const expectNone = async (requests: readonly RawExchange[]): Promise<void> => {
      const found = await differences(servers(), requests, isIntended);
      expect(found.length === 0 ? '' : describeDifferences(found, requests.length)).toBe('');
    };

    it(`the same to ${requestsPerStore} generated requests`, async () => {
      const generated = fc.sample(drafts(catalogue), { seed, numRuns: requestsPerStore });
      await expectNone(generated.map((draft) => posted(bodyOf(draft))));
    }, 300_000);

    it('the same for every cell of every view', async () => {
      await expectNone(catalogue.views.flatMap(everyRow).map(posted));
    }, 300_000);

    it('the same to requests that no client library would write', async () => {
      await expectNone(rawExchanges);
    }, 60_000);

    it('floats that JSON does not know are null, each by itself, and spoil nothing else', async () => {
      const cells = catalogue.views.filter(({ name }) => name === 'odd_floats').flatMap(everyCell);
      let spoilt = 0;
      for (const body of cells) {
        const both = await askBoth(servers(), posted(body));
        if (both.feast.status === 500) {
          spoilt += 1;
          expect({ body, status: both.ours.status, ...cellOf(both.ours.text) }).toEqual({ body, status: 200, holdsNull: true, cell: 'PRESENT' });
        } else expect({ body, agree: agree(both) }).toEqual({ body, agree: true });
      }
      expect(spoilt).toBeGreaterThan(0);
      expect(spoilt).toBeLessThan(cells.length);
    }, 60_000);

    it("Feast's SDK sees the same through its remote online store, and the same exceptions", async () => {
      const { feastPort, ourPort } = servers();
      const { feast, ours, write } = await compareClients(tools().python('feast'), catalogue, client('at-feast', feastPort), client('at-ours', ourPort));
      expect(ours).toEqual(feast);
      for (const [question, outcome] of Object.entries(ours)) {
        // Lists may be empty, and the SDK cannot read an empty list of either server.
        if (question !== 'lists') expect({ question, error: 'error' in outcome ? outcome.error : undefined }).toEqual({ question, error: sdkErrors[question] });
      }
      expect(write).toMatchObject({ error: 'RuntimeError', message: expect.stringMatching(/501.*only reads/) });
    }, sdkTimeoutMs);
  });

  it('with --missing-entities not-found, Redis is answered as Feast answers SQLite, which tells a missing value from a stored null', async () => {
    const honest = await startWorker(repositories.redis, '--missing-entities', 'not-found');
    try {
      const servers = { feastPort: of('sqlite').feast.port, ourPort: honest.port, agent };
      const generated = fc.sample(drafts(catalogue), { seed, numRuns: requestsPerStore / 5 });
      const requests = [...generated.map(bodyOf), ...catalogue.views.flatMap(everyRow)].map(posted);
      // SQLite keeps whole seconds only.
      const found = await differences(servers, requests, (both) => isIntended(both) || agree(withoutTimes(both)));
      expect(found.length === 0 ? '' : describeDifferences(found, requests.length)).toBe('');
    } finally {
      await honest.end();
    }
  }, 120_000);

  it("Feast's SDK asks again while the store is away, when Retry-After says so", async () => {
    const { worker } = of('sqlite');
    const file = join(repositories.sqlite, 'online.db');
    const registry = join(repositories.sqlite, 'registry.db');
    renameSync(file, `${file}.away`);
    try {
      await until('the server has noticed that its store is away', async () => (await worker.features(anyRequest)).status !== 200);
      expect(await worker.features(anyRequest)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
      const failedBefore = await failures(worker);
      const read = readOnce(tools().python('feast'), { folder: folder.path, name: 'patient', port: worker.port, registry, retries: 10 });
      await until('the server has refused the SDK once', async () => (await failures(worker)) > failedBefore, sdkTimeoutMs);
      renameSync(`${file}.away`, file);
      expect(await read).toHaveProperty('answer');
    } finally {
      if (existsSync(`${file}.away`)) renameSync(`${file}.away`, file);
    }
  }, 2 * sdkTimeoutMs);
});
