import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { OnlineStore } from '../../../../src/worker/store/online-store.ts';
import { groupReads } from '../../../../src/worker/store/redis/hash-read.ts';
import { sendKeyReads } from '../../../../src/worker/store/redis/key-reads.ts';
import { RedisLink } from '../../../../src/worker/store/redis/link.ts';
import { failureOf, openStore, project, reached, readOf, singleConfig, valuesOf } from '../../support/redis-reads.ts';
import { until } from '../../support/worker-process.ts';

/** Answers each command that has come whole; the commands of this store have no line breaks inside their first line. */
type Script = (socket: Socket, command: string, connection: number) => void;

const bulk = (...bytes: number[]): string => `$${bytes.length}\r\n${String.fromCharCode(...bytes)}\r\n`;
/** The reply of one HMGET for features a and b and the event time: both features hold the number. */
const hash = (value: number): string => `*3\r\n${bulk(0x20, value)}${bulk(0x20, value)}$-1\r\n`;
const write = (socket: Socket, text: string): void => void socket.write(Buffer.from(text, 'latin1'));
/** Handshakes and PING are answered as Redis does; the rest is the script's. */
const polite = (onRead: (socket: Socket, reads: number, connection: number) => void): Script => (socket, command, connection) => {
  const reads = command.split('HMGET').length - 1;
  if (command.includes('PING')) write(socket, '+PONG\r\n');
  else if (reads > 0) onRead(socket, reads, connection);
  else write(socket, '+OK\r\n');
};

describe('a server that does not behave', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const stores: OnlineStore[] = [];
  let connections = 0;

  const start = async (script: Script): Promise<number> => {
    const server = createServer((socket) => {
      const number = ++connections;
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => script(socket, chunk.toString('latin1'), number));
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };
  const open = (port: number, timeoutMs = 200): OnlineStore => {
    const store = openStore(singleConfig(port), timeoutMs);
    stores.push(store);
    return store;
  };

  afterEach(async () => {
    for (const store of stores.splice(0)) void store.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
    connections = 0;
  });

  it('is read while it behaves', async () => {
    const store = open(await start(polite((socket, reads) => write(socket, hash(7).repeat(reads)))), 5000);
    await reached(store);
    expect(await valuesOf(store, readOf(1, 2))).toEqual([['7', '7'], ['7', '7']]);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['sends half an answer', (socket) => write(socket, hash(7).slice(0, 12))],
    ['sends half an answer and closes', (socket) => socket.end('*3\r\n$2\r\n')],
    ['closes', (socket) => socket.destroy()],
    ['sends what is no answer', (socket) => write(socket, 'HTTP/1.1 200 OK\r\n\r\n')],
    ['sends too few values', (socket) => write(socket, `*2\r\n${bulk(0x20, 7)}${bulk(0x20, 7)}`)],
    ['sends too many values', (socket) => write(socket, `*4\r\n${bulk(0x20, 7).repeat(4)}`)],
    ['sends a status', (socket) => write(socket, '+OK\r\n')],
    ['sends lists in a list', (socket) => write(socket, '*3\r\n*1\r\n$1\r\na\r\n*0\r\n*0\r\n')],
    ['claims a huge value', (socket) => write(socket, '*3\r\n$536870912\r\nxxxx')],
    ['claims a huge answer', (socket) => write(socket, '*999999999\r\n')],
    ['is loading', (socket) => write(socket, '-LOADING Redis is loading the dataset in memory\r\n')],
    ['wants a password', (socket) => write(socket, '-NOAUTH Authentication required.\r\n')],
    ['forbids it', (socket) => write(socket, "-NOPERM this user has no permissions to run the 'hmget' command\r\n")],
    ['has no memory', (socket) => write(socket, '-OOM command not allowed\r\n')],
    ['is a node of a cluster', (socket) => write(socket, '-MOVED 1 10.0.0.1:6379\r\n')],
  ])('and %s: the read is unavailable, in time, and the store says why; it comes back with a good answer', async (_what, misbehave) => {
    let good = false;
    const store = open(await start(polite((socket, reads) => (good ? write(socket, hash(7).repeat(reads)) : misbehave(socket)))));
    await reached(store);
    const startedAt = performance.now();
    expect(await failureOf(store)).toMatch(/^StoreUnavailable: .*127\.0\.0\.1/);
    // Twenty times the bound: a busy machine is slow, a hang is endless.
    expect(performance.now() - startedAt).toBeLessThan(4000);
    good = true;
    await until('a good read', async () => (await failureOf(store)) === 'no failure');
    expect(store.problem).toBeUndefined();
  });

  it.each([
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'WRONGTYPE'],
    ['ERR something else', 'ERR something else'],
  ])('a key that answers "%s" fails its own request and no other', async (refusal, shown) => {
    const store = open(await start(polite((socket, reads) => write(socket, reads === 1 ? hash(7) : `-${refusal}\r\n${hash(8)}${hash(7).repeat(reads - 2)}`))));
    await reached(store);
    const reads = [readOf(1, 2), readOf(3)];
    const [bad, good] = await Promise.all(reads.map(async (read) => failureOf(store, read)));
    expect(bad).toContain('UnreadableValue');
    expect(bad).toContain(shown);
    expect(good).toBe('no failure');
    expect(store.problem).toBeUndefined();
  });

  it('a value that is none fails its own request, by name', async () => {
    const store = open(await start(polite((socket, reads) => write(socket, reads === 2 ? `*3\r\n${bulk(0x20)}${bulk(0x20, 1)}$-1\r\n${hash(8)}` : hash(7)))));
    await reached(store);
    expect(await failureOf(store, readOf(1, 2))).toMatch(/UnreadableValue: v:a cannot be read/);
    expect(await valuesOf(store, readOf(3))).toEqual([['7'], ['7']]);
  });

  it('a reply that comes too late is given to nobody', async () => {
    const late: (() => void)[] = [];
    let count = 0;
    const script = polite((socket, reads) => {
      const value = ++count;
      // The first answer waits until the test lets it go; the ones behind it have to wait, too, as they do in Redis.
      if (value === 1 || late.length > 0) late.push(() => write(socket, hash(value).repeat(reads)));
      else write(socket, hash(value).repeat(reads));
    });
    const store = open(await start(script), 300);
    await reached(store);
    const first = failureOf(store, readOf(1));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const second = store.read(readOf(2));
    await expect(first).resolves.toContain('did not answer within 300 ms');
    for (const go of late.splice(0)) go();
    // Either the connection was dropped with both, or the second got its own answer: never the first one's.
    const values = await Promise.resolve(second).then((found) => found[0]?.values, () => 'unavailable');
    expect(['unavailable', JSON.stringify([['2'], ['2']])]).toContain(typeof values === 'string' ? values : JSON.stringify(values));
    await until('a later read', async () => (await failureOf(store, readOf(3))) === 'no failure');
  });

  it('a slow server whose answers keep coming is not dropped: only what is late fails', async () => {
    let slow = false;
    let waiting: string | undefined;
    const script = polite((socket, reads) => {
      const answer = hash(slow ? 1 : 7).repeat(reads);
      if (waiting !== undefined) waiting += answer;
      else if (!slow) write(socket, answer);
      else {
        // Drips one byte in 20 ms: never silent for long, and much too slow. What comes later waits for its turn.
        waiting = answer;
        const timer = setInterval(() => {
          if (!slow || waiting === undefined || waiting === '') {
            write(socket, waiting ?? '');
            waiting = undefined;
            clearInterval(timer);
          } else {
            write(socket, waiting.slice(0, 1));
            waiting = waiting.slice(1);
          }
        }, 20);
      }
    });
    const store = open(await start(script), 150);
    await reached(store);
    slow = true;
    expect(await failureOf(store)).toContain('did not answer within 150 ms');
    slow = false;
    await until('the late answer has passed', async () => (await failureOf(store)) === 'no failure');
    expect(await valuesOf(store, readOf(2))).toEqual([['7'], ['7']]);
    expect(connections).toBe(1);
  });

  it('that never greets is no reached store, and one that does later is', async () => {
    let deaf = true;
    const script = polite((socket, reads) => write(socket, hash(7).repeat(reads)));
    const store = open(await start((socket, command, connection) => (deaf ? undefined : script(socket, command, connection))), 100);
    await until('it is given up once', () => connections > 1);
    expect(await failureOf(store)).toMatch(/^StoreUnavailable/);
    deaf = false;
    await reached(store);
  }, 30_000);

  it('that is a sentinel which never answers is given up and asked again, and the process lives', async () => {
    const port = await start(() => undefined);
    const store = openStore(singleConfig(port, { topology: 'sentinel', sentinelMaster: 'm' }), 100);
    stores.push(store);
    // The third time is after the moment when a connection to a server would be given up.
    await until('it is asked again and again', () => connections > 3, 50_000);
    expect(store.problem).toContain('sentinels are unreachable');
    expect(await failureOf(store)).toMatch(/^StoreUnavailable/);
  }, 60_000);

  it('that wants a password of a whole pipeline says so, and not that its other answers are too many', async () => {
    const problems = new Set<string>();
    const noAuth = '-NOAUTH Authentication required.\r\n';
    const store = open(await start(polite((socket, reads) => write(socket, noAuth.repeat(reads)))));
    await reached(store);
    problems.add(await failureOf(store, readOf(1, 2, 3)));
    problems.add(store.problem ?? '');
    expect([...problems].filter((problem) => !problem.includes('NOAUTH'))).toEqual([]);
  });

  it('that answers ASKING with values: nobody gets them', async () => {
    const port = await start(polite((socket, reads) => write(socket, hash(66).repeat(2 * reads))));
    const [read] = groupReads(readOf(1), Buffer.from(project)).hashes;
    if (read === undefined) throw new Error('there is nothing to read');
    const link = new RedisLink({ options: () => ({ host: '127.0.0.1', port }), db: 0, name: 'it', timeoutMs: 2000, now: () => performance.now(), random: Math.random, beforeReading: () => undefined });
    await until('it is connected', () => link.isReady);
    const end = await new Promise((resolve) => sendKeyReads(link, [{ hash: read, key: 0 }], { done: () => resolve('done'), failed: (error) => resolve(error.message) }, true));
    link.close();
    expect(end).toContain('where the OK of ASKING was due');
  });

  it('that refuses the database is never read', async () => {
    const port = await start((socket, command) => write(socket, command.includes('SELECT') ? '-ERR DB index is out of range\r\n+PONG\r\n' : '+OK\r\n'));
    const store = openStore(singleConfig(port, { db: 99 }), 200);
    stores.push(store);
    await until('it was asked', () => store.problem?.includes('DB index') === true);
    expect(await failureOf(store)).toContain('database 99');
  });

  it('pushes answers that nobody asked for: the connection is dropped, and no read gets them', async () => {
    let pushed = false;
    const store = open(
      await start((socket, command) => {
        if (!pushed && command.includes('PING')) write(socket, `+PONG\r\n${hash(66)}`);
        else if (command.includes('PING')) write(socket, '+PONG\r\n');
        else if (command.includes('HMGET')) write(socket, hash(7));
        else write(socket, '+OK\r\n');
        pushed ||= command.includes('PING');
      }),
    );
    await until('a second connection', () => connections > 1);
    await reached(store);
    expect(await valuesOf(store, readOf(1))).toEqual([['7'], ['7']]);
  });
});
