import { describe, expect, it } from '@jest/globals';
import { fixed } from '../../src/sim/policies/fixed.ts';
import type { Policy } from '../../src/sim/policy.ts';
import { parseProfile } from '../../src/sim/profile.ts';
import { simulate, simulateWithCpu } from '../../src/sim/simulate.ts';
import type { Simulation } from '../../src/sim/simulate.ts';
import { fleetOf, poisson } from './support/queue.ts';

/** One pod of 64 threads under a steady load for five minutes; `rate` in requests per second. */
const simulation = (rate: number, profile: Record<string, unknown>, part: Partial<Simulation> = {}): Simulation => ({
  points: [{ seconds: 0, rate }],
  durationSeconds: 300,
  profile: parseProfile({ model: 'threads', cpuMs: 5, storeMs: { median: 4, sigma: 0.5 }, queueLimit: null, ...profile }),
  policy: fixed(),
  objectiveMs: 50,
  scale: { replicas: 1, threads: 64, processes: 1 },
  seed: 1,
  ...part,
});

const usedCores = (rate: number, profile: Record<string, unknown> = {}): number => simulateWithCpu(simulation(rate, profile)).usedCores;

describe('the CPU that pods used', () => {
  it.each([
    [20, 5, {}],
    [100, 5, {}],
    [170, 5, { cpuSigma: 0.8 }],
    [100, 12, { gilMs: 0, coreLimit: 2 }],
    [60, 8, { model: 'eventloop' }],
  ])('is rate times CPU where the load is served: %d/s of %d ms', (rate, cpuMs, profile) => {
    const expected = (rate * cpuMs) / 1000;
    expect(Math.abs(usedCores(rate, { cpuMs, ...profile }) / expected - 1)).toBeLessThan(0.03);
  });

  it.each([
    ['the one core of a lock', 1, {}],
    ['a limit by weight', 1.5, { gilMs: 0, coreLimit: 1.5, throttling: false }],
    ['a quota', 0.5, { coreLimit: 0.5 }],
    ['what a neighbour leaves', 0.25, { neighbourCores: 3 }],
  ])('ends at %s where twice as much is asked for', (_name, cores, profile) => {
    expect(Math.abs(usedCores((2 * cores) / 0.005, profile) / cores - 1)).toBeLessThan(0.01);
  });

  it('counts pods that are gone', () => {
    const shrinks: Policy = { ...fixed(), decide: ({ scale }) => ({ scale: { ...scale, replicas: 1 }, reason: 'Test', inputs: {} }) };
    const result = simulateWithCpu(simulation(100, {}, { policy: shrinks, scale: { replicas: 4, threads: 64, processes: 1 } }));
    expect(result.podHours).toBeLessThan(0.14);
    expect(Math.abs(result.usedCores / 0.5 - 1)).toBeLessThan(0.03);
  });

  it('is to the last bit of work what was asked for, once all is answered', () => {
    const jobs = poisson(31, 5000, 100, (random) => ({ cpu: random.exponential(), store: 0.01 * random.exponential() }));
    const { fleet, answers } = fleetOf({ cpuMs: 4 }, { replicas: 3, threads: 8, processes: 1 }, jobs);
    fleet.runUntil(20);
    fleet.rescale({ replicas: 1, threads: 8, processes: 1 });
    fleet.runUntil(100);
    expect(answers).toHaveLength(jobs.length);
    expect(fleet.settledCpuSeconds()).toBeCloseTo(0.004 * jobs.reduce((sum, { cpu = 1 }) => sum + cpu, 0), 6);
  });

  it('leaves everything else as the command prints it', () => {
    const { usedCores: _used, ...rest } = simulateWithCpu(simulation(150, {}));
    expect(JSON.stringify(rest)).toBe(JSON.stringify(simulate(simulation(150, {}))));
  });
});
