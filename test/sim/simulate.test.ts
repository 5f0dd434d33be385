import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { policyFor } from '../../src/cli/simulate-policy.ts';
import { readSimulateArguments } from '../../src/cli/simulate-arguments.ts';
import { policyNames } from '../../src/cli/simulate-flags.ts';
import { parseProfile } from '../../src/sim/profile.ts';
import type { Decision } from '../../src/sim/policy.ts';
import { simulate } from '../../src/sim/simulate.ts';
import type { Simulation } from '../../src/sim/simulate.ts';

const simulation = (profile: unknown, argv: readonly string[] = [], part: Partial<Simulation> = {}): Simulation => {
  const read = readSimulateArguments(['--trace', 't', '--profile', 'p', ...argv]);
  if (read === null) throw new Error('asked for help');
  const parsed = parseProfile(profile);
  return {
    points: [{ seconds: 0, rate: 100 }],
    durationSeconds: 300,
    profile: parsed,
    policy: policyFor(read, parsed),
    objectiveMs: 1000 * read.objective,
    scale: { replicas: read.replicas, threads: read.threads, processes: parsed.processes },
    seed: read.seed,
    ...part,
  };
};

const gil = { model: 'threads', cpuMs: 5, storeMs: { median: 4, sigma: 0.5 } };

/** Numbers in a value that are neither finite nor null. */
const badNumbers = (value: unknown): unknown[] => {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(badNumbers) : [];
};

describe('simulate', () => {
  it.each(policyNames)('gives the same bytes for the same seed under %s', (policy) => {
    const run = (seed: string): string => {
      const decisions: unknown[] = [];
      const argv = ['--policy', policy, '--seed', seed];
      const result = simulate({ ...simulation(gil, argv, { points: [{ seconds: 0, rate: 50 }, { seconds: 60, rate: 300 }], durationSeconds: 90 }), onDecision: (...of) => decisions.push(of) });
      return JSON.stringify([result, decisions]);
    };
    expect(run('5')).toBe(run('5'));
    expect(run('5')).not.toBe(run('6'));
  });

  it('counts what a fleet at rest costs: requests, hours, nothing over', () => {
    const result = simulate(simulation(gil, ['--policy', 'static', '--replicas', '3', '--threads', '16']));
    expect(result).toMatchObject({ policy: 'static', windows: 5, windowsOver: 0, podHours: 0.25, coreHours: 0.25, reversals: 0, maxReplicas: 3 });
    expect(Math.abs(result.requests - 30_000)).toBeLessThan(700);
    // Each pod: 33 requests/s of 5 ms under a lock, ρ = 1/6, so 6 ms on average, and 4.5 ms of store.
    expect(result.p50Ms).toBeGreaterThan(8);
    expect(result.p50Ms).toBeLessThan(11);
    expect(result.p99Ms).toBeGreaterThan(result.p95Ms ?? NaN);
  });

  it('offers the same requests to every policy', () => {
    const requests = policyNames.map((policy) => simulate(simulation(gil, ['--policy', policy], { durationSeconds: 30 })).requests);
    expect(new Set(requests).size).toBe(1);
  });

  it('counts what is turned away and what is never answered as over the objective', () => {
    const starved = { ...gil, storeMs: { median: 60_000, sigma: 0 }, queueLimit: 50 };
    const result = simulate(simulation(starved, ['--policy', 'static', '--replicas', '1', '--min', '1'], { durationSeconds: 60 }));
    expect(result.requests - result.overObjective).toBeLessThan(20);
    expect(result.windowsOver).toBe(1);
  });

  it('changes what is told at its moment: a store that slows down is felt from then on', () => {
    const slow = { ...gil, changes: [{ atSeconds: 60, storeMs: { median: 100, sigma: 0 } }] };
    const run = (part: Partial<Simulation>) => simulate(simulation(slow, ['--policy', 'static', '--threads', '32', '--replicas', '3'], part));
    expect(run({ durationSeconds: 60 }).windowsOver).toBe(0);
    expect(run({ durationSeconds: 180 }).windowsOver).toBe(2);
  });

  it('lets every autoscaler follow a load that doubles and falls', () => {
    const points = [{ seconds: 0, rate: 15 }, { seconds: 120, rate: 60 }, { seconds: 300, rate: 15 }];
    const costly = { ...gil, cpuMs: 50 };
    for (const argv of [['--policy', 'plateau'], ['--policy', 'hpa-cpu'], ['--policy', 'hpa-p95'], ['--policy', 'keda-rps', '--rps-target', '12']]) {
      const sizes: number[] = [];
      const run = simulation(costly, [...argv, '--threads', '16', '--objective', '500ms', '--max', '20'], { points, durationSeconds: 1000, onDecision: (_at, _from, { scale }) => sizes.push(scale.replicas) });
      const result = simulate(run);
      expect(result.maxReplicas).toBeGreaterThanOrEqual(4);
      expect(sizes.at(-1)).toBeLessThan(result.maxReplicas);
    }
  });

  const rates = fc.array(fc.constantFrom(0, 1, 40, 200), { minLength: 1, maxLength: 4 });
  const profiles = fc.record(
    {
      model: fc.constantFrom('threads', 'eventloop'),
      cpuMs: fc.constantFrom(0, 0.01, 5, 400),
      gilMs: fc.constantFrom(0, 3, 5000),
      cpuSigma: fc.constantFrom(0, 1, 3),
      storeMs: fc.record({ median: fc.constantFrom(0, 4, 9000), sigma: fc.constantFrom(0, 0.5, 3) }),
      storeConcurrency: fc.constantFrom(null, 1, 10),
      coreLimit: fc.constantFrom(null, 0.01, 1, 4),
      throttling: fc.boolean(),
      nodeCores: fc.constantFrom(null, 0.5, 8),
      neighbourCores: fc.constantFrom(0, 1, 1000),
      processes: fc.constantFrom(1, 3),
      startupSeconds: fc.constantFrom(0, 20, 3600),
      queueLimit: fc.constantFrom(null, 0, 20),
      scrapeDelaySeconds: fc.constantFrom(0, 5, 600),
      scrapeNoise: fc.constantFrom(0, 1),
      changes: fc.array(fc.record({ atSeconds: fc.constantFrom(0, 10, 30, 1e9), cpuMs: fc.constantFrom(0, 50), coreLimit: fc.constantFrom(null, 0.5), template: fc.constant('b') }, { requiredKeys: ['atSeconds'] }), { maxLength: 3 }),
    },
    { requiredKeys: ['model', 'cpuMs', 'storeMs'] },
  );

  it('has no profile that crashes it or puts NaN into what it says', () => {
    fc.assert(
      fc.property(profiles, rates, fc.constantFrom(...policyNames), fc.nat(), (profile, values, policy, seed) => {
        const decisions: Decision[] = [];
        const result = simulate(
          simulation(profile, ['--policy', policy, '--max', '20'], {
            points: values.map((rate, index) => ({ seconds: 15 * index, rate })),
            durationSeconds: 60,
            seed,
            onDecision: (_at, _from, decision) => decisions.push(decision),
          }),
        );
        expect(badNumbers([result, decisions])).toEqual([]);
        expect(result.overObjective).toBeLessThanOrEqual(result.requests);
        expect(result.windowsOver).toBeLessThanOrEqual(result.windows);
        for (const { scale } of decisions) expect(scale.replicas >= 1 && scale.replicas <= 20).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
