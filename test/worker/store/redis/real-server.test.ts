import { afterEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { freePort, startRedisServer } from '../../../../src/local/toolchain/redis-server.ts';
import type { RedisOptions, RedisServer } from '../../../../src/local/toolchain/redis-server.ts';
import type { OnlineStore } from '../../../../src/worker/store/online-store.ts';
import type { RedisStoreConfig } from '../../../../src/worker/store/store-config.ts';
import { describeWithTools } from '../../../integration/support/describe-toolchain.ts';
import { failureOf, fieldA, fieldB, fieldTime, hashKey, openStore, reached, readOf, singleConfig, valuesOf } from '../../support/redis-reads.ts';
import { temporaryFolder, until } from '../../support/worker-process.ts';

await describeWithTools({ redis: true }, 'a real Redis server', () => {
  const cleanUps: (() => unknown)[] = [];

  const startServer = async (options: RedisOptions = {}): Promise<RedisServer> => {
    const server = await startRedisServer(options);
    cleanUps.push(() => server.stop());
    return server;
  };
  const open = (config: RedisStoreConfig, timeoutMs?: number): OnlineStore => {
    const store = openStore(config, timeoutMs);
    cleanUps.push(() => store.close());
    return store;
  };
  /** Feature a of entity 1 is the number; b is not stored. */
  const fill = async (port: number, value: number, options: object = {}): Promise<void> => {
    const client = new Redis({ host: '127.0.0.1', port, ...options });
    await client.hset(hashKey(1), fieldA, Buffer.from([0x20, value]), fieldTime, Buffer.from('08c0bfb7d306', 'hex'));
    client.disconnect();
  };

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  it('gives what is stored, and nothing for what is not', async () => {
    const { port } = await startServer();
    await fill(port, 5);
    const store = open(singleConfig(port));
    await reached(store);
    const [found] = await store.read(readOf(1, 2));
    expect(found?.values).toEqual([['5', undefined], [undefined, undefined]]);
    expect(found?.times).toEqual(['"2026-08-01T12:00:00Z"', undefined]);
  });

  it('answers many reads at once, each its own', async () => {
    const { port } = await startServer();
    const client = new Redis({ port, host: '127.0.0.1' });
    for (let entity = 0; entity < 100; entity++) await client.hset(hashKey(entity), fieldA, Buffer.from([0x20, entity]), fieldB, Buffer.from([0x12, 0xff, 0x01, ...Array<number>(255).fill(97)]));
    client.disconnect();
    const store = open(singleConfig(port));
    await reached(store);
    const reads = Array.from({ length: 500 }, (_, index) => [index % 100, (index * 7) % 100] as const);
    const found = await Promise.all(reads.map(async (entities) => valuesOf(store, readOf(...entities))));
    expect(found.map((values) => values?.[0])).toEqual(reads.map((entities) => entities.map(String)));
  });

  it('wants a user and a password, and says so when they are wrong', async () => {
    const { port } = await startServer({ args: ['--requirepass', 'secret', '--user', 'reader', 'on', '>pass word', '~*', '+hmget', '+ping', '+select'] });
    await fill(port, 6, { password: 'secret' });
    for (const login of [{ password: 'secret' }, { username: 'reader', password: 'pass word' }]) {
      const store = open(singleConfig(port, login));
      await reached(store);
      expect(await valuesOf(store, readOf(1))).toEqual([['6'], [undefined]]);
    }
    const [wrong, none] = [open(singleConfig(port, { password: 'wrong' })), open(singleConfig(port))];
    await until('both are refused', () => /WRONGPASS/.test(wrong.problem ?? '') && /NOAUTH.*password=/.test(none.problem ?? ''));
    expect(await failureOf(wrong)).toMatch(/^StoreUnavailable/);
    expect(await failureOf(none)).toMatch(/^StoreUnavailable/);
  }, 30_000);

  it('has databases', async () => {
    const { port } = await startServer();
    await fill(port, 1);
    await fill(port, 3, { db: 3 });
    const store = open(singleConfig(port, { db: 3 }));
    await reached(store);
    expect(await valuesOf(store, readOf(1))).toEqual([['3'], [undefined]]);
  });

  it('speaks TLS with a certificate of its own authority, and only a server that has one is read', async () => {
    const folder = temporaryFolder();
    cleanUps.push(folder.remove);
    const caFile = join(folder.path, 'ca.pem');
    const pems = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048, extensions: [{ name: 'basicConstraints', cA: true }, { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }] });
    writeFileSync(caFile, pems.cert);
    writeFileSync(join(folder.path, 'key.pem'), pems.private);
    const tlsPort = await freePort();
    const files = ['--tls-cert-file', caFile, '--tls-key-file', join(folder.path, 'key.pem'), '--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no'];
    const { port } = await startServer({ args: ['--tls-port', String(tlsPort), ...files] });
    await fill(port, 7);
    const trusting = open(singleConfig(tlsPort, { tls: { caFile, verify: true } }));
    const strict = open(singleConfig(tlsPort, { tls: { verify: true } }));
    const careless = open(singleConfig(tlsPort, { tls: { verify: false } }));
    const fileless = open(singleConfig(tlsPort, { tls: { caFile: join(folder.path, 'nowhere.pem'), verify: true } }));
    await reached(trusting);
    await reached(careless);
    expect(await valuesOf(trusting, readOf(1))).toEqual([['7'], [undefined]]);
    expect(await valuesOf(careless, readOf(1))).toEqual([['7'], [undefined]]);
    await until('the others say why not', () => /certificate/.test(strict.problem ?? '') && /nowhere\.pem/.test(fileless.problem ?? ''));
  }, 30_000);

  it('is killed and comes back on the same port: reads fail in time, then succeed, without a restart here', async () => {
    const first = await startServer();
    await fill(first.port, 8);
    const store = open(singleConfig(first.port), 500);
    await reached(store);
    expect(await failureOf(store)).toBe('no failure');
    first.process.kill();
    await until('the loss is seen', async () => (await failureOf(store)).startsWith('StoreUnavailable'));
    expect(store.problem).toContain(String(first.port));
    await startServer({ port: first.port });
    await fill(first.port, 9);
    await until('the store is back', async () => (await failureOf(store)) === 'no failure');
    expect(await valuesOf(store, readOf(1))).toEqual([['9'], [undefined]]);
    expect(store.problem).toBeUndefined();
  }, 60_000);

  it('is frozen and thaws: reads fail in time, none gets the answer to another', async () => {
    const server = await startServer();
    await fill(server.port, 4);
    const store = open(singleConfig(server.port), 300);
    await reached(store);
    process.kill(-server.process.pid, 'SIGSTOP');
    cleanUps.push(() => process.kill(-server.process.pid, 'SIGCONT'));
    const startedAt = performance.now();
    const failures = await Promise.all([failureOf(store), failureOf(store, readOf(2)), failureOf(store, readOf(3, 1))]);
    for (const failure of failures) expect(failure).toMatch(/^StoreUnavailable/);
    // Once it is known, nobody waits for it any more.
    await failureOf(store);
    expect(performance.now() - startedAt).toBeLessThan(6000);
    expect(store.problem).toContain(String(server.port));
    process.kill(-server.process.pid, 'SIGCONT');
    await until('the store is back', async () => (await failureOf(store)) === 'no failure');
    expect(await valuesOf(store, readOf(1, 2))).toEqual([['4', undefined], [undefined, undefined]]);
  }, 60_000);

  it('was not there at the start', async () => {
    const port = await freePort();
    const store = open(singleConfig(port), 300);
    expect(await failureOf(store)).toMatch(/^StoreUnavailable/);
    await startServer({ port });
    await fill(port, 2);
    await reached(store);
    expect(await valuesOf(store, readOf(1))).toEqual([['2'], [undefined]]);
  }, 60_000);

  it('holds something else under a key: that request fails and names it', async () => {
    const { port } = await startServer();
    const client = new Redis({ port, host: '127.0.0.1' });
    await client.set(hashKey(1), 'text');
    client.disconnect();
    const store = open(singleConfig(port));
    await reached(store);
    expect(await failureOf(store, readOf(1, 2))).toMatch(/^UnreadableValue: .*WRONGTYPE/);
    expect(await failureOf(store, readOf(2))).toBe('no failure');
  });

  it('changes its password while it is read: the new one is asked for, and the old connections go on as Redis lets them', async () => {
    const { port } = await startServer();
    await fill(port, 1);
    const store = open(singleConfig(port), 500);
    await reached(store);
    const admin = new Redis({ port, host: '127.0.0.1' });
    await admin.config('SET', 'requirepass', 'later');
    await admin.auth('later');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until('it is refused', () => /NOAUTH/.test(store.problem ?? ''));
    expect(await failureOf(store)).toMatch(/^StoreUnavailable/);
    await admin.config('SET', 'requirepass', '');
    admin.disconnect();
    await until('the store is back', async () => (await failureOf(store)) === 'no failure');
  }, 60_000);
});
