import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Arrivals } from '../../../src/local/load/arrivals.ts';
import { Endpoints } from '../../../src/local/load/endpoints.ts';
import { Generator } from '../../../src/local/load/generator.ts';
import { seededRandom } from '../../../src/local/load/random.ts';
import { BodySource, parseMix } from '../../../src/local/load/request-bodies.ts';
import { percentile } from '../../../src/local/load/second-stats.ts';
import type { LoadSecond } from '../../../src/local/load/second-stats.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';

const origin = (server: Server): string => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return `http://127.0.0.1:${address.port}`;
};

const listen = async (answer: Parameters<typeof createServer>[1] & object): Promise<Server> => {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

interface Run {
  seconds: LoadSecond[];
  generator: Generator;
}

const start = (send: () => Promise<{ status: number }>, rate: number, maxOutstanding = 1000): Run => {
  const seconds: LoadSecond[] = [];
  const generator = new Generator({
    clock: systemClock(),
    random: seededRandom(1),
    spacing: 'even',
    rate: () => rate,
    send,
    maxOutstanding,
    objectiveMs: 250,
    onSecond: (second) => seconds.push(second),
  });
  generator.start();
  return { seconds, generator };
};

const total = (seconds: LoadSecond[], field: 'sent' | 'answered' | 'failed' | 'over'): number => seconds.reduce((sum, second) => sum + second[field], 0);
const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('the load generator', () => {
  it('shows a server that stalls for 500 ms, since latency counts from when a request was due', async () => {
    let busyUntil = 0;
    const server = await listen((request, response) => {
      request.resume();
      setTimeout(() => response.end('{}'), Math.max(0, busyUntil - performance.now()));
    });
    const targets = new Endpoints({ path: '/', timeoutMs: 5000 });
    targets.set([origin(server)]);
    const { seconds, generator } = start(() => targets.post(Buffer.from('{}')), 100);
    await until(() => seconds.length === 1);
    busyUntil = performance.now() + 500;
    await until(() => seconds.length === 3);
    await generator.stop(2000);
    await targets.destroy();
    server.close();
    expect(Math.max(...seconds.map(({ p99Ms }) => p99Ms ?? 0))).toBeGreaterThan(450);
    expect(total(seconds, 'failed')).toBe(0);
    expect(total(seconds, 'answered')).toBe(total(seconds, 'sent'));
    expect(total(seconds, 'sent')).toBeGreaterThanOrEqual(295);
    // Half of the stall's fifty requests waited for longer than the objective.
    expect(total(seconds, 'over')).toBeGreaterThanOrEqual(20);
    expect(total(seconds, 'over')).toBeLessThan(200);
  }, 20_000);

  it('goes on sending while nothing is answered, and counts what never came as failed', async () => {
    const { seconds, generator } = start(() => new Promise(() => undefined), 50);
    await until(() => seconds.length === 1);
    expect(seconds[0]).toMatchObject({ answered: 0, p95Ms: null });
    expect(seconds[0]?.waiting).toBeGreaterThan(40);
    expect(seconds[0]?.oldestWaitingMs).toBeGreaterThan(900);
    await generator.stop(0);
    expect(total(seconds, 'failed')).toBe(total(seconds, 'sent'));
    expect(total(seconds, 'over')).toBe(total(seconds, 'sent'));
    expect(seconds.at(-1)?.failures).toHaveProperty('unfinished');
  });

  it('bounds what it waits for, and says so', async () => {
    const { seconds, generator } = start(() => new Promise(() => undefined), 200, 10);
    await until(() => seconds.length === 1);
    await generator.stop(0);
    expect(seconds[0]?.waiting).toBe(10);
    expect(seconds[0]?.failures['outstanding']).toBeGreaterThan(100);
  });

  it('counts statuses other than 200 and refused connections as failed, by cause', async () => {
    const server = await listen((request, response) => {
      request.resume();
      response.statusCode = 503;
      response.end('{}');
    });
    const targets = new Endpoints({ path: '/', timeoutMs: 30_000 });
    targets.set([origin(server), 'http://127.0.0.1:1']);
    const { seconds, generator } = start(() => targets.post(Buffer.from('{}')), 100);
    await until(() => seconds.length === 1);
    await generator.stop(1000);
    await targets.destroy();
    server.close();
    const causes = new Set(seconds.flatMap(({ failures }) => Object.keys(failures)));
    expect(causes).toEqual(new Set(['status 503', 'ECONNREFUSED']));
  });
});

describe('endpoints', () => {
  it('share requests evenly and are left without an error, also when the server closes each connection', async () => {
    const counts = [0, 0];
    const answer = (index: number) => (request: { resume(): void }, response: { setHeader(name: string, value: string): void; end(text: string): void }) => {
      request.resume();
      counts[index] = (counts[index] ?? 0) + 1;
      response.setHeader('connection', 'close');
      setTimeout(() => response.end('{}'), 30);
    };
    const servers = await Promise.all([listen(answer(0)), listen(answer(1))]);
    const targets = new Endpoints({ path: '/', timeoutMs: 30_000 });
    targets.set(servers.map(origin));
    const first = Array.from({ length: 20 }, () => targets.post(Buffer.from('{}')));
    targets.set(servers.slice(0, 1).map(origin));
    const second = Array.from({ length: 10 }, () => targets.post(Buffer.from('{}')));
    const answers = await Promise.all([...first, ...second]);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(counts).toEqual([20, 10]);
    await targets.destroy();
    for (const server of servers) server.close();
  });

  it('say that none is ready', async () => {
    const targets = new Endpoints({ path: '/', timeoutMs: 30_000 });
    await expect(targets.post(Buffer.from(''))).rejects.toMatchObject({ code: 'NO_ENDPOINT' });
  });
});

describe('arrivals', () => {
  it('are as many as the rate says, in order, whatever the steps in which they are asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.double({ min: 0.001, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 20 }), (rate, steps) => {
        const arrivals = new Arrivals({ spacing: 'even', random: seededRandom(1), rate: () => rate });
        let now = 0;
        const times = steps.flatMap((step) => arrivals.takeUntil((now += step)));
        expect(times).toEqual(times.toSorted((left, right) => left - right));
        expect(Math.abs(times.length - rate * now)).toBeLessThanOrEqual(1.001);
      }),
    );
  });

  it('of a Poisson process vary as one does', () => {
    const arrivals = new Arrivals({ spacing: 'poisson', random: seededRandom(7), rate: () => 100 });
    const counts = Array.from({ length: 200 }, (_, index) => arrivals.takeUntil(index + 1).length);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    expect(mean).toBeGreaterThan(95);
    expect(mean).toBeLessThan(105);
    expect(variance / mean).toBeGreaterThan(0.7);
    expect(variance / mean).toBeLessThan(1.4);
  });

  it('stop at rate zero and go on after it', () => {
    const arrivals = new Arrivals({ spacing: 'even', random: seededRandom(1), rate: (seconds) => (seconds < 1 || seconds >= 2 ? 10 : 0) });
    expect(arrivals.takeUntil(1).length).toBeGreaterThanOrEqual(9);
    expect(arrivals.takeUntil(1.99)).toEqual([]);
    expect(arrivals.takeUntil(3).length).toBeGreaterThanOrEqual(9);
  });
});

describe('request bodies', () => {
  it('have the rows and columns of their shape', () => {
    const source = new BodySource(parseMix('3x12'), seededRandom(1));
    const body: unknown = JSON.parse(source.next().toString());
    expect(body).toEqual({
      features: expect.arrayContaining(['feature_view_0:feature_0', 'feature_view_1:feature_11']),
      entities: { entity: [expect.any(Number), expect.any(Number), expect.any(Number)] },
    });
  });

  it('follow the shares of a mix', () => {
    const source = new BodySource(parseMix('1x10:3,2x10:1'), seededRandom(1));
    const single = Array.from({ length: 400 }, () => source.next().toString()).filter((body) => /"entity":\[\d+\]/u.test(body));
    expect(single.length).toBeGreaterThan(250);
    expect(single.length).toBeLessThan(350);
  });

  it.each(['', '0x5', 'x', '1x50:0', '1x50:many', '1x50,'])('refuse the mix "%s"', (text) => {
    expect(() => parseMix(text)).toThrow(/write/u);
  });
});

describe('percentile', () => {
  it('is a value that was seen, with at least that share at or below it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = values.toSorted((left, right) => left - right);
        const result = percentile(sorted, share);
        expect(sorted).toContain(result);
        expect(sorted.filter((value) => value <= (result ?? Number.NaN)).length).toBeGreaterThanOrEqual(share * sorted.length);
      }),
    );
    expect(percentile([], 0.5)).toBeNull();
  });
});
