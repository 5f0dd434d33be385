import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Agent } from 'undici';
import { podAgent } from '../../../src/controllers/scrape/bounded-request.ts';
import type { ScrapeOutcome } from '../../../src/controllers/scrape/scraper.ts';
import { Scraper } from '../../../src/controllers/scrape/scraper.ts';
import type { MetricsSink } from '../../../src/runtime/ports.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { poolPage } from './support/pool-page.ts';
import type { TestPod } from './support/pods.ts';
import { silentLogger, startPod } from './support/pods.ts';

const rhythm = { periodMs: 40, windowMs: 400 };
const deadlineMs = 500;
let requests = 0;
const goodPage = (): string => {
  requests += 100;
  return poolPage({ requests, response: 0.03, service: 0.025, store: 0.02, cpu: requests * 0.002 });
};

/** Tells each outcome to whoever waits for it. */
class Outcomes implements MetricsSink {
  readonly seen: string[] = [];
  #waiting: { outcome: string; count: number; resolve: () => void }[] = [];

  increment(_name: string, { outcome = '' }: Record<string, string>): void {
    this.seen.push(outcome);
    this.#waiting = this.#waiting.filter((one) => {
      if (outcome === one.outcome) one.count -= 1;
      if (one.count === 0) one.resolve();
      return one.count > 0;
    });
  }
  set(): void {}
  observe(): void {}

  next(outcome: ScrapeOutcome, count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ outcome, count, resolve });
    return promise;
  }
}

let agent: Agent;
let scraper: Scraper;
let metrics: Outcomes;
let running: TestPod[] = [];

const make = (options: { concurrency?: number; deadlineMs?: number } = {}) =>
  new Scraper({ clock: systemClock(), random: () => 0.1, dispatcher: agent, logger: silentLogger, metrics, deadlineMs, ...options });

const serve = async (name: string, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestPod> => {
  const pod = await startPod(name, answer);
  running.push(pod);
  return pod;
};

beforeEach(() => {
  agent = podAgent();
  metrics = new Outcomes();
  scraper = make();
});

afterEach(async () => {
  scraper.stop();
  await agent.destroy();
  await Promise.all(running.map((pod) => pod.stop()));
  running = [];
});

describe('a pod that behaves', () => {
  it('is measured from its second scrape on, and forgotten when it leaves', async () => {
    const pod = await serve('good', (_request, response) => void response.end(goodPage()));
    const twice = metrics.next('Ok', 2);
    scraper.setTargets('shop/ranking', [pod.target], rhythm);
    await twice;
    expect(scraper.sample('good', 400)).toMatchObject({ model: 'eventloop', threads: 8 });
    expect(scraper.requests('good', 400)).toBeGreaterThanOrEqual(100);
    scraper.setTargets('shop/ranking', [], rhythm);
    expect(scraper.sample('good', 400)).toBeNull();
    expect(scraper.fleets()).toEqual([]);
  });

  it('may serve its page in pieces', async () => {
    const pod = await serve('pieces', (_request, response) => {
      const page = goodPage();
      response.write(page.slice(0, 1000));
      setImmediate(() => response.end(page.slice(1000)));
    });
    const twice = metrics.next('Ok', 2);
    scraper.setTargets('f', [pod.target], rhythm);
    await twice;
    expect(scraper.lastOutcome('pieces')).toBe('Ok');
  });
});

describe('a pod that does not', () => {
  const hostile: [string, ScrapeOutcome, (request: IncomingMessage, response: ServerResponse) => void][] = [
    ['serves garbage', 'Malformed', (_request, response) => void response.end(Buffer.alloc(5000, 0xfe))],
    ['serves nothing', 'Malformed', (_request, response) => void response.end()],
    ['answers 500', 'Status', (_request, response) => void response.writeHead(500).end(goodPage())],
    ['redirects', 'Status', (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['resets the connection', 'Unreachable', (request) => void request.socket.resetAndDestroy()],
    ['cuts its page short', 'Unreachable', (request, response) => {
      response.writeHead(200, { 'content-length': 50_000 });
      response.write(goodPage(), () => request.socket.destroy());
    }],
    ['never answers', 'Timeout', () => {}],
  ];

  it.each(hostile)('%s: %s', async (_name, outcome, answer) => {
    const pod = await serve('bad', answer);
    const seen = metrics.next(outcome);
    scraper.setTargets('f', [pod.target], rhythm);
    await seen;
    expect(scraper.sample('bad', 400)).toBeNull();
  });

  it('answers a byte at a time: it is dropped at the deadline', async () => {
    const closed = Promise.withResolvers<void>();
    const pod = await serve('drip', (request, response) => {
      const page = goodPage();
      let at = 0;
      const timer = setInterval(() => response.write(page.slice(at, (at += 1))), 20);
      request.socket.once('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    const late = metrics.next('Timeout');
    scraper.setTargets('f', [pod.target], rhythm);
    await late;
    await closed.promise;
    expect(scraper.sample('drip', 400)).toBeNull();
  });

  it('sends 100 MB: it is cut off after little more than a megabyte', async () => {
    let sent = 0;
    const cut = Promise.withResolvers<void>();
    const block = Buffer.alloc(65_536, 'x\n');
    const pod = await serve('huge', (request, response) => {
      const send = () => {
        while (sent < 100 << 20 && response.writable && !request.socket.destroyed) {
          sent += block.length;
          if (!response.write(block)) return void response.once('drain', send);
        }
      };
      request.socket.once('close', cut.resolve);
      send();
    });
    const tooLarge = metrics.next('TooLarge');
    scraper.setTargets('f', [pod.target], rhythm);
    await Promise.all([tooLarge, cut.promise]);
    expect(sent).toBeLessThan(50 << 20);
    expect(scraper.sample('huge', 400)).toBeNull();
  });

  it('is not there at all', async () => {
    const pod = await startPod('gone', () => {});
    await pod.stop();
    const seen = metrics.next('Unreachable');
    scraper.setTargets('f', [pod.target], rhythm);
    await seen;
  });

  it('lies with NaN and negative counters: its sample is nonsense, not a number', async () => {
    const lie = (text: string) => text.replace(/(worker_pool_requests_total\{code="2xx"\}) .*/u, '$1 NaN').replace(/(process_cpu_seconds_total) .*/u, '$1 -4');
    const pod = await serve('liar', (_request, response) => void response.end(lie(goodPage())));
    const twice = metrics.next('Ok', 2);
    scraper.setTargets('f', [pod.target], rhythm);
    await twice;
    expect(scraper.sample('liar', 400)).toMatchObject({ completions: NaN });
  });

  it('does not keep the others from being measured', async () => {
    scraper = make({ concurrency: 2, deadlineMs: 10_000 });
    const hung = await serve('hung', () => {});
    const good = await serve('good', (_request, response) => void response.end(goodPage()));
    const others = metrics.next('Ok', 5);
    scraper.setTargets('a', [hung.target], rhythm);
    scraper.setTargets('b', [good.target], rhythm);
    await others;
    expect(metrics.seen.filter((outcome) => outcome === 'Timeout').length).toBeLessThanOrEqual(1);
  });
});

describe('the scraper', () => {
  it('asks no more pods at a time than it may', async () => {
    let inside = 0;
    let most = 0;
    const held: (() => void)[] = [];
    const pods = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        serve(`pod-${index}`, (_request, response) => {
          inside += 1;
          most = Math.max(most, inside);
          held.push(() => {
            inside -= 1;
            response.end(goodPage());
          });
          if (held.length % 2 === 0) setImmediate(() => held.splice(0).forEach((release) => release()));
        }),
      ),
    );
    scraper = make({ concurrency: 2 });
    const six = metrics.next('Ok', 6);
    scraper.setTargets('f', pods.map(({ target }) => target), rhythm);
    await six;
    expect(most).toBe(2);
  });

  it('calls off what is under way when it stops', async () => {
    const asked = Promise.withResolvers<void>();
    const pod = await serve('hung', () => asked.resolve());
    scraper.setTargets('f', [pod.target], rhythm);
    await asked.promise;
    const aborted = metrics.next('Aborted');
    scraper.stop();
    await aborted;
    expect(pod.requests).toHaveLength(1);
  });
});
