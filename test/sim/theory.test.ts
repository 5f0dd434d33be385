import { describe, expect, it } from '@jest/globals';
import type { RandomStream } from '../../src/sim/random.ts';
import { drained, fleetOf, meanOf, poisson } from './support/queue.ts';
import type { Job } from './support/queue.ts';

/** Mean wait of M/M/c by Erlang's C formula; `service` is the mean service time. */
const erlangWait = (servers: number, rate: number, service: number): number => {
  const load = rate * service;
  // Erlang B by its recursion, then C.
  let blocked = 1;
  for (let count = 1; count <= servers; count += 1) blocked = (load * blocked) / (count + load * blocked);
  const share = load / servers;
  const waits = blocked / (1 - share * (1 - blocked));
  return (waits * service) / (servers * (1 - share));
};

describe('M/M/c', () => {
  it('has the textbook waits in the formula itself', () => {
    // M/M/1 at half load: ρ/(μ−λ) = 0.5/(1−0.5)·1 = 1. M/M/2 at a load of 1: C = 1/3, wait = (1/3)/(2−1) = 1/3.
    expect(erlangWait(1, 0.5, 1)).toBeCloseTo(1, 12);
    expect(erlangWait(2, 1, 1)).toBeCloseTo(1 / 3, 12);
  });

  it.each([
    [1, 0.6],
    [4, 0.7],
    [16, 0.85],
  ])('%d threads at a load of %d each wait as Erlang C says', (threads, load) => {
    const service = 0.02;
    const jobs = poisson(7, 120_000, (load * threads) / service, (random) => ({ store: service * random.exponential() }));
    const { answers } = drained(fleetOf({}, { replicas: 1, threads, processes: 1 }, jobs));
    const wait = meanOf(answers.map(({ seconds }) => seconds)) - meanOf(jobs.map(({ store = 0 }) => store));
    expect(Math.abs(wait / erlangWait(threads, (load * threads) / service, service) - 1)).toBeLessThan(0.05);
  });
});

describe('M/G/1 under processor sharing', () => {
  const factors: [string, (random: RandomStream) => number][] = [
    ['deterministic', () => 1],
    ['exponential', (random) => random.exponential()],
    // One in ten takes 5.5, the others 0.5: mean 1, squared coefficient of variation 2.25.
    ['two-point', (random) => (random.uniform() < 0.1 ? 5.5 : 0.5)],
    ['lognormal', (random) => random.lognormal(1) * Math.exp(-0.5)],
  ];

  it.each(factors)('%s work: the mean response is s/(1−ρ)', (_name, draw) => {
    const [seconds, load] = [0.005, 0.6];
    const jobs = poisson(11, 120_000, load / seconds, (random) => ({ cpu: draw(random) }));
    const { answers } = drained(fleetOf({ cpuMs: 1000 * seconds }, { replicas: 1, threads: 1024, processes: 1 }, jobs));
    expect(Math.abs(meanOf(answers.map((answer) => answer.seconds)) / (seconds / (1 - load)) - 1)).toBeLessThan(0.05);
  });

  it('is shared by the cores where no lock binds: M/M/2-PS has the mean of M/M/2', () => {
    const [seconds, load] = [0.005, 0.7];
    const jobs = poisson(13, 120_000, (2 * load) / seconds, (random) => ({ cpu: random.exponential() }));
    const { answers } = drained(fleetOf({ cpuMs: 1000 * seconds, gilMs: 0, coreLimit: 2, nodeCores: 2 }, { replicas: 1, threads: 1024, processes: 1 }, jobs));
    const expected = seconds + erlangWait(2, (2 * load) / seconds, seconds);
    expect(Math.abs(meanOf(answers.map((answer) => answer.seconds)) / expected - 1)).toBeLessThan(0.05);
  });

  it('makes one process of a pod wait for its own lock only', () => {
    // Four requests at once in two processes: two in each lock, 10 ms of work each, so all end at 20 ms.
    const jobs = [0, 0, 0, 0].map((at) => ({ at }));
    const { answers } = drained(fleetOf({ cpuMs: 10, coreLimit: 2, processes: 2 }, { replicas: 1, threads: 4, processes: 2 }, jobs));
    for (const { seconds } of answers) expect(seconds).toBeCloseTo(0.02, 9);
  });
});

/** Waits of a G/G/c queue, first come first served, by the Kiefer–Wolfowitz recursion of the sorted work of the servers. */
const kieferWolfowitz = (servers: number, jobs: readonly Job[]): number[] => {
  let work = Array.from({ length: servers }, () => 0);
  let before = 0;
  return jobs.map(({ at, store = 0 }) => {
    work = work.map((left) => Math.max(0, left - (at - before)));
    before = at;
    const [wait = 0, ...others] = work;
    work = [wait + store, ...others].sort((a, b) => a - b);
    return wait;
  });
};

describe('G/G/c, first come first served', () => {
  it.each([1, 2, 3, 8])('%d threads: every single wait is that of the Kiefer–Wolfowitz recursion', (servers) => {
    const service = 0.02;
    // Bursty arrivals and heavy services, at a load that goes over one now and then.
    const jobs = poisson(17, 20_000, (0.9 * servers) / service, (random) => ({ store: service * random.lognormal(1) * Math.exp(-0.5) }));
    const bursty = jobs.map((job, index) => ({ ...job, at: jobs[index - (index % 5)]?.at ?? job.at }));
    const { answers } = drained(fleetOf({}, { replicas: 1, threads: servers, processes: 1 }, bursty));
    expect(answers).toHaveLength(bursty.length);
    const expected = kieferWolfowitz(servers, bursty).map((wait, index) => (bursty[index]?.at ?? 0) + wait + (bursty[index]?.store ?? 0));
    const ends = answers.map(({ arrivedAt, seconds }) => arrivedAt + seconds).sort((a, b) => a - b);
    let largest = 0;
    for (const [index, end] of expected.sort((a, b) => a - b).entries()) largest = Math.max(largest, Math.abs(end - (ends[index] ?? NaN)));
    expect(largest).toBeLessThan(1e-6);
  });

  it('gives each request its own wait, also out of order', () => {
    const jobs = poisson(19, 5000, 140, (random) => ({ store: 0.02 * random.exponential() }));
    const { answers } = drained(fleetOf({}, { replicas: 1, threads: 3, processes: 1 }, jobs));
    const waits = new Map(kieferWolfowitz(3, jobs).map((wait, index) => [jobs[index]?.at, wait + (jobs[index]?.store ?? 0)]));
    expect(Math.max(...answers.map(({ arrivedAt, seconds }) => Math.abs(seconds - (waits.get(arrivedAt) ?? NaN))))).toBeLessThan(1e-6);
  });
});

describe('the CPU quota', () => {
  const offered = (rate: number, seconds: number): Job[] => Array.from({ length: rate * seconds }, (_, index) => ({ at: index / rate }));

  it.each([
    ['a lock at half a core', { cpuMs: 5, coreLimit: 0.5 }, 1, 0.5],
    ['two processes at one core', { cpuMs: 5, coreLimit: 1, processes: 2 }, 2, 1],
    ['free threads at one and a half', { cpuMs: 5, gilMs: 0, coreLimit: 1.5 }, 1, 1.5],
  ])('%s: no more than the limit, and all of it under load', (_name, profile, processes, limit) => {
    const { fleet } = fleetOf(profile, { replicas: 1, threads: 8, processes }, offered(600, 30));
    fleet.runUntil(30);
    const [pod] = fleet.pods;
    pod?.advance(30);
    expect(pod?.meters.cpu).toBeGreaterThan(0.98 * limit * 30);
    expect(pod?.meters.cpu).toBeLessThanOrEqual(limit * 30 + 1e-6);
    expect(pod?.meters.completions).toBeCloseTo((limit * 30) / 0.005, -2);
    expect(pod?.meters.throttled).toBeGreaterThan(1);
    expect(pod?.meters.throttledPeriods).toBeGreaterThan(280);
  });

  it('stops a pod in the middle of a period until the next', () => {
    // 80 ms of work under half a core: 50 ms in the first period, 30 ms in the second.
    const { answers } = drained(fleetOf({ cpuMs: 80, coreLimit: 0.5 }, { replicas: 1, threads: 1, processes: 1 }, [{ at: 0 }]));
    expect(answers[0]?.seconds).toBeCloseTo(0.13, 6);
  });

  it('is a speed where throttling is off', () => {
    const { answers } = drained(fleetOf({ cpuMs: 80, coreLimit: 0.5, throttling: false }, { replicas: 1, threads: 1, processes: 1 }, [{ at: 0 }]));
    expect(answers[0]?.seconds).toBeCloseTo(0.16, 9);
  });

  it('does not bind a lock whose limit is a core', () => {
    const { fleet } = fleetOf({ cpuMs: 5, coreLimit: 1 }, { replicas: 1, threads: 8, processes: 1 }, offered(600, 10));
    fleet.runUntil(10);
    expect(fleet.pods[0]?.meters.throttled).toBe(0);
  });

  it.each([
    [1, 0.5],
    [3, 0.25],
  ])('a neighbour of %d cores leaves a pod of one core %d of them', (neighbourCores, left) => {
    const { answers } = drained(fleetOf({ cpuMs: 80, neighbourCores }, { replicas: 1, threads: 1, processes: 1 }, [{ at: 0 }]));
    expect(answers[0]?.seconds).toBeCloseTo(0.08 / left, 9);
  });
});

describe('the store', () => {
  it('answers at most its concurrency over its latency, for all pods together', () => {
    const jobs = poisson(23, 24_000, 400, () => ({ store: 0.02 }));
    const { fleet, answers } = fleetOf({ storeConcurrency: 5 }, { replicas: 4, threads: 32, processes: 1 }, jobs);
    fleet.runUntil(60);
    expect(answers.length).toBeLessThanOrEqual((60 * 5) / 0.02);
    expect(answers.length).toBeGreaterThan(0.99 * ((60 * 5) / 0.02));
    // More threads bring nothing: what the server sees is a slower store.
    expect((fleet.pods[0]?.meters.store.at(-1) ?? 0) / (fleet.pods[0]?.meters.completions ?? 1)).toBeGreaterThan(0.3);
  });
});

describe("Little's law", () => {
  it('holds exactly over a run that has come to rest, on every meter', () => {
    const jobs = poisson(29, 20_000, 500, (random) => ({ cpu: random.exponential(), store: 0.01 * random.exponential() }));
    const { fleet, answers } = drained(fleetOf({ cpuMs: 4, storeConcurrency: 8 }, { replicas: 3, threads: 8, processes: 1 }, jobs));
    const total = (pick: (pod: (typeof fleet.pods)[number]) => number): number => fleet.pods.reduce((sum, pod) => sum + pick(pod), 0);
    const response = answers.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(total(({ meters }) => meters.inflight)).toBeCloseTo(response, 4);
    expect(total(({ meters }) => meters.request.at(-1) ?? 0)).toBeCloseTo(response, 4);
    expect(total(({ meters }) => meters.busy)).toBeCloseTo(total(({ meters }) => meters.service.at(-1) ?? 0), 4);
    expect(total(({ meters }) => meters.cpu)).toBeCloseTo(0.004 * jobs.reduce((sum, { cpu = 1 }) => sum + cpu, 0), 4);
  });
});
