/**
 * Benchmark: pods scraped, parsed and kept per second of one core, beside what the same HTTP client reaches when it drops the body:
 * with the same call (`dispatch`), which is the ceiling, and with the convenient one (`request`), for comparison.
 *
 * @module
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { request } from 'undici';
import type { Agent } from 'undici';
import * as z from 'zod';
import { keepHeapSmall } from '../../../src/cli/operator-heap.ts';
import { boundedRequest, podAgent } from '../../../src/controllers/scrape/bounded-request.ts';
import { isPoolPage, parsePage } from '../../../src/controllers/scrape/page.ts';
import { PodRing } from '../../../src/controllers/scrape/pod-ring.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';

const PAGE_BYTES = 20_000;
const PORTS = 64;
const CONCURRENCY = 32;
/** The beat at which one pod is scraped in earnest: what is kept of it depends on its scrapes' times, not on how fast they are made here. */
const BEAT_MS = 2500;
const clock = systemClock();

interface Round {
  scrapes: number;
  wallSeconds: number;
  cpuSeconds: number;
}

/** Runs `one` over all ports, `CONCURRENCY` at a time, and tells what this process spent on it. */
const measured = async (scrapes: number, ports: readonly number[], one: (port: number) => Promise<void>): Promise<Round> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < scrapes; index = next++) await one(ports[index % ports.length] ?? 0);
  };
  const cpuBefore = process.cpuUsage();
  const before = clock.monotonicMs();
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { scrapes, wallSeconds: (clock.monotonicMs() - before) / 1000, cpuSeconds: (user + system) / 1e6 };
};

/** The least that undici can be asked for: no deadline, no limit, the body dropped as it comes. */
const bareDispatch = (agent: Agent) => (port: number): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  agent.dispatch(
    { origin: `http://127.0.0.1:${port}`, path: '/metrics', method: 'GET' },
    { onRequestStart() {}, onResponseStart() {}, onResponseData() {}, onResponseEnd: () => resolve(), onResponseError: (_controller, error) => reject(error) },
  );
  return promise;
};

const bareRequest = (agent: Agent) => async (port: number): Promise<void> => {
  const { body } = await request(`http://127.0.0.1:${port}/metrics`, { dispatcher: agent });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  body.on('end', resolve).on('error', reject).resume();
  await promise;
};

/** What the operator does for each scrape, up to the window that the law reads. */
const scrape = (agent: Agent, rings: Map<number, { ring: PodRing; scrapes: number }>) => async (port: number): Promise<void> => {
  const { status, body } = await boundedRequest(agent, clock, { method: 'GET', host: '127.0.0.1', port, path: '/metrics', deadlineMs: 2000, maxBytes: 1 << 20 });
  const page = parsePage(body);
  if (status !== 200 || !isPoolPage(page)) throw new Error(`port ${port} did not serve a metrics page (status ${status})`);
  const pod = rings.get(port) ?? { ring: new PodRing(15_000, 'bench'), scrapes: 0 };
  rings.set(port, pod);
  pod.scrapes += 1;
  pod.ring.add(page, pod.scrapes * BEAT_MS, 'bench');
};

const parseOnly = (body: Buffer, pages: number): Round => {
  const cpuBefore = process.cpuUsage();
  const before = clock.monotonicMs();
  for (let index = 0; index < pages; index += 1) parsePage(body);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { scrapes: pages, wallSeconds: (clock.monotonicMs() - before) / 1000, cpuSeconds: (user + system) / 1e6 };
};

const startServer = async (): Promise<{ child: ChildProcess; ports: number[] }> => {
  const child = fork(join(import.meta.dirname, 'page-server.ts'), [String(PAGE_BYTES), String(PORTS)]);
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  child.once('message', (message) => resolve(z.object({ ports: z.array(z.int()) }).parse(message).ports));
  child.once('exit', (code) => reject(new Error(`the page server ended with code ${code} before it listened`)));
  return { child, ports: await promise };
};

const perCore = (round: Round): number => round.scrapes / round.cpuSeconds;
const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const undiciVersion = async (): Promise<string> => {
  const text = await readFile(join(import.meta.dirname, '../../../node_modules/undici/package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
};

const runRounds = async (ports: number[], rounds: number, scrapes: number) => {
  const agent = podAgent();
  const rings = new Map<number, { ring: PodRing; scrapes: number }>();
  const results: { dispatch: Round; request: Round; scrape: Round }[] = [];
  await measured(scrapes, ports, bareDispatch(agent));
  await measured(scrapes, ports, bareRequest(agent));
  await measured(scrapes, ports, scrape(agent, rings));
  // Interleaved, so that what else runs on the machine hits all sides alike.
  for (let round = 0; round < rounds; round += 1) {
    results.push({
      dispatch: await measured(scrapes, ports, bareDispatch(agent)),
      request: await measured(scrapes, ports, bareRequest(agent)),
      scrape: await measured(scrapes, ports, scrape(agent, rings)),
    });
  }
  const { body } = await boundedRequest(agent, clock, { method: 'GET', host: '127.0.0.1', port: ports[0] ?? 0, path: '/metrics', deadlineMs: 2000, maxBytes: 1 << 20 });
  const parse = parseOnly(body, 20_000);
  await agent.close();
  return { results, parse, pageBytes: body.length };
};

/** `npm run bench scrape [-- --rounds N --scrapes N --out FILE]`; 0 when the scraper reaches half of the ceiling, else 1. */
export const run = async (argv: string[]): Promise<number> => {
  // The operator runs with this heap, so both sides of the ratio do.
  keepHeapSmall();
  const { values } = parseArgs({
    args: argv,
    options: { rounds: { type: 'string', default: '7' }, scrapes: { type: 'string', default: '6000' }, out: { type: 'string', default: '.plateau/bench/scrape.json' } },
  });
  const { child, ports } = await startServer();
  try {
    const { results, parse, pageBytes } = await runRounds(ports, Number(values.rounds), Number(values.scrapes));
    const ceiling = middle(results.map((round) => perCore(round.dispatch)));
    const convenient = middle(results.map((round) => perCore(round.request)));
    const reached = middle(results.map((round) => perCore(round.scrape)));
    const ratio = middle(results.map((round) => perCore(round.scrape) / perCore(round.dispatch)));
    const parsed = perCore(parse);
    const report = {
      bench: 'scrape',
      machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryBytes: totalmem(), kernel: release(), load: loadavg() },
      versions: { node: process.version, undici: await undiciVersion() },
      pageBytes, pods: ports.length, concurrency: CONCURRENCY,
      bareDispatchPerSecondPerCore: ceiling, bareRequestPerSecondPerCore: convenient, scrapePerSecondPerCore: reached, ratio, targetRatio: 0.5,
      parsePerSecondPerCore: parsed, parseBytesPerSecond: parsed * pageBytes,
      rounds: results,
    };
    await mkdir(dirname(values.out), { recursive: true });
    await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
    console.table({
      'bare dispatch (ceiling)': { 'pods/s per core': Math.round(ceiling), 'ms CPU each': (1000 / ceiling).toFixed(3) },
      'bare request': { 'pods/s per core': Math.round(convenient), 'ms CPU each': (1000 / convenient).toFixed(3) },
      'scrape, parse, keep': { 'pods/s per core': Math.round(reached), 'ms CPU each': (1000 / reached).toFixed(3) },
      'parse alone': { 'pods/s per core': Math.round(parsed), 'ms CPU each': (1000 / parsed).toFixed(3) },
    });
    console.log(`ratio ${ratio.toFixed(2)} (target 0.50), pages of ${pageBytes} bytes, ${ports.length} pods; written to ${values.out}`);
    return ratio >= 0.5 ? 0 : 1;
  } finally {
    child.kill();
  }
};
