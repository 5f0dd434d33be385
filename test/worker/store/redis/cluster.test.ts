import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { freePort, startRedisServer } from '../../../../src/local/toolchain/redis-server.ts';
import type { RedisServer } from '../../../../src/local/toolchain/redis-server.ts';
import { runTool } from '../../../../src/local/toolchain/run-tool.ts';
import { keySlot } from '../../../../src/worker/store/redis/key-slot.ts';
import type { OnlineStore } from '../../../../src/worker/store/online-store.ts';
import { describeWithTools } from '../../../integration/support/describe-toolchain.ts';
import { failureOf, fieldA, hashKey, openStore, readOf, reached, singleConfig, valuesOf } from '../../support/redis-reads.ts';
import { temporaryFolder, until } from '../../support/worker-process.ts';

const entities = Array.from({ length: 60 }, (_, index) => index);
const expected = [entities.map(String), entities.map(() => undefined)];
const host = '127.0.0.1';

await describeWithTools({ redis: true }, 'a Redis cluster of three', () => {
  const folder = temporaryFolder();
  const nodes: RedisServer[] = [];
  const stores: OnlineStore[] = [];

  /** A server's bus listens 10,000 ports above it, unless told otherwise. */
  const startNode = async (index: number, port = 0): Promise<RedisServer> =>
    startRedisServer({ port, folder: folder.path, args: ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort()), '--cluster-config-file', `nodes-${index}.conf`, '--cluster-node-timeout', '15000'] });
  const open = (ports: readonly number[], timeoutMs = 2000): OnlineStore => {
    const store = openStore({ ...singleConfig(0), topology: 'cluster', nodes: ports.map((port) => ({ host, port })) }, timeoutMs);
    stores.push(store);
    return store;
  };
  const whole = async (store: OnlineStore): Promise<boolean> => (await failureOf(store, readOf(...entities))) === 'no failure';

  beforeAll(async () => {
    for (let index = 0; index < 3; index++) nodes.push(await startNode(index));
    const addresses = nodes.map(({ port }) => `${host}:${port}`);
    await runTool('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
    const client = new Cluster(nodes.map(({ port }) => ({ host, port })));
    // Slots are agreed upon a moment after they are dealt.
    await until('the cluster takes writes', async () => client.hset(hashKey(0), fieldA, Buffer.from([0x20, 0])).then(() => true, () => false), 60_000);
    for (const entity of entities) await client.hset(hashKey(entity), fieldA, Buffer.from([0x20, entity]));
    client.disconnect();
  }, 120_000);
  afterAll(async () => {
    for (const store of stores) await store.close();
    for (const node of nodes) await node.stop();
    folder.remove();
  }, 60_000);

  it('is read over all of its nodes in one go, whichever node is named', async () => {
    const owners = new Set(entities.map((entity) => Math.floor((3 * keySlot(hashKey(entity))) / 16_384)));
    expect(owners.size).toBe(3);
    for (const { port } of nodes) {
      const store = open([port]);
      await reached(store);
      expect(await valuesOf(store, readOf(...entities))).toEqual(expected);
    }
  }, 30_000);

  it('is found through the one named node that lives', async () => {
    const store = open([await freePort(), nodes[1]?.port ?? 0]);
    await reached(store);
    expect(await whole(store)).toBe(true);
  }, 30_000);

  it('is said to be one when it is read as a single server', async () => {
    const store = openStore(singleConfig(nodes[0]?.port ?? 0));
    stores.push(store);
    await reached(store);
    expect(await failureOf(store, readOf(...entities))).toContain('redis_type: redis_cluster');
  });

  it('is read while slots move: ASK and MOVED are followed', async () => {
    const [from, to] = nodes;
    if (from === undefined || to === undefined) throw new Error('no nodes');
    const entity = entities.find((one) => keySlot(hashKey(one)) < 5000) ?? 0;
    const slot = keySlot(hashKey(entity));
    const store = open([from.port]);
    await reached(store);
    const [source, target] = [new Redis({ host, port: from.port }), new Redis({ host, port: to.port })];
    const sourceId = await source.cluster('MYID');
    const targetId = await target.cluster('MYID');
    await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
    await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
    expect(await valuesOf(store, readOf(...entities))).toEqual(expected);
    await source.migrate(host, to.port, '', 0, 5000, 'KEYS', hashKey(entity));
    expect(await valuesOf(store, readOf(...entities))).toEqual(expected); // ASK
    await target.cluster('SETSLOT', slot, 'NODE', targetId);
    await source.cluster('SETSLOT', slot, 'NODE', targetId);
    expect(await valuesOf(store, readOf(...entities))).toEqual(expected); // MOVED
    source.disconnect();
    target.disconnect();
  }, 30_000);

  it('loses a node: only what lies there is unavailable, and all is well when it is back', async () => {
    const store = open(nodes.map(({ port }) => port), 300);
    await reached(store);
    const [, , lost] = nodes;
    if (lost === undefined) throw new Error('no node');
    // Without full coverage the others go on.
    for (const { port } of nodes) {
      const client = new Redis({ host, port });
      await client.config('SET', 'cluster-require-full-coverage', 'no');
      client.disconnect();
    }
    process.kill(-lost.process.pid, 'SIGSTOP');
    try {
      await until('the loss is seen', async () => !(await whole(store)));
      expect(store.problem).toContain(String(lost.port));
      const elsewhere = entities.filter((entity) => keySlot(hashKey(entity)) < 10_000);
      await until('the others are read', async () => (await failureOf(store, readOf(...elsewhere))) === 'no failure');
    } finally {
      process.kill(-lost.process.pid, 'SIGCONT');
    }
    await until('all is well again', async () => whole(store), 60_000);
    await until('the store says so', () => store.problem === undefined);
    expect(await valuesOf(store, readOf(...entities))).toEqual(expected);
  }, 120_000);

  it('says that slots have no server, for those whose keys lie there and for the others', async () => {
    const store = open(nodes.map(({ port }) => port), 2000);
    await reached(store);
    const [first] = nodes;
    if (first === undefined) throw new Error('no node');
    const clients = nodes.map(({ port }) => new Redis({ host, port }));
    const [owner] = clients;
    try {
      for (const client of clients) await client.config('SET', 'cluster-require-full-coverage', 'no');
      const taken = entities.map((entity) => keySlot(hashKey(entity)));
      const free = Array.from({ length: 5000 }, (_, slot) => slot).find((slot) => !taken.includes(slot)) ?? 0;
      for (const client of clients) await client.cluster('DELSLOTS', free).catch(() => undefined);
      await until('the hole is told', () => store.problem?.includes(`1 of its slots (the first is ${free})`) === true, 90_000);
      expect(await valuesOf(store, readOf(...entities))).toEqual(expected);
      // A pod that starts meanwhile may serve what there is.
      const late = open(nodes.map(({ port }) => port), 2000);
      await until('the servers are reached', () => late.isReached);
      expect(late.problem).toContain('1 of its slots');
      await owner?.cluster('ADDSLOTS', free);
      await until('it is mended', () => store.problem === undefined, 90_000);
    } finally {
      for (const client of clients) client.disconnect();
    }
  }, 240_000);
});
