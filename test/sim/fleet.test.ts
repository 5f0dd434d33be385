import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { fleetOf, poisson } from './support/queue.ts';

const scales = fc.record({ replicas: fc.integer({ min: 0, max: 6 }), threads: fc.integer({ min: 1, max: 8 }), processes: fc.integer({ min: 1, max: 3 }) });

const profiles = fc.record(
  {
    model: fc.constantFrom('threads', 'eventloop'),
    cpuMs: fc.double({ min: 0, max: 50, noNaN: true }),
    gilMs: fc.double({ min: 0, max: 50, noNaN: true }),
    storeConcurrency: fc.constantFrom(null, 1, 4),
    coreLimit: fc.constantFrom(null, 0.3, 1, 2.5),
    throttling: fc.boolean(),
    neighbourCores: fc.constantFrom(0, 0.5, 3),
    startupSeconds: fc.constantFrom(0, 2),
    queueLimit: fc.constantFrom(null, 0, 5),
    balancing: fc.constantFrom('random', 'roundRobin'),
  },
  { requiredKeys: ['model'] },
);

describe('a fleet', () => {
  it('loses no request and never runs backwards, whatever happens to its size', () => {
    fc.assert(
      fc.property(profiles, scales, fc.array(scales, { maxLength: 6 }), fc.integer({ min: 1, max: 1000 }), (profile, first, moves, seed) => {
        const jobs = poisson(seed, 600, 60, (random) => ({ cpu: random.exponential(), store: 0.02 * random.exponential() }));
        const { fleet, answers, turnedAway, told } = fleetOf(profile, first, jobs);
        for (const [index, scale] of [...moves, first].entries()) {
          fleet.runUntil(1 + index);
          const arrived = jobs.filter(({ at }) => at <= 1 + index).length;
          expect(answers.length + turnedAway.length + fleet.requests.inside).toBe(arrived);
          expect(fleet.pods.reduce((sum, { inside }) => sum + inside, 0)).toBe(fleet.requests.inside);
          fleet.rescale(scale);
        }
        expect(told.every((at, index) => at >= (told[index - 1] ?? 0))).toBe(true);
        expect(answers.every(({ seconds }) => seconds >= 0)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  it('routes to a new pod once its start-up is over, and bills it from its creation', () => {
    const { fleet } = fleetOf({ startupSeconds: 5, cpuMs: 1 }, { replicas: 1, threads: 4, processes: 1 }, poisson(1, 2000, 100, () => ({})));
    fleet.runUntil(2);
    fleet.rescale({ replicas: 2, threads: 4, processes: 1 });
    fleet.runUntil(6.9);
    expect(fleet.pods.map(({ meters }) => meters.arrivals > 0)).toEqual([true, false]);
    fleet.runUntil(10);
    expect(fleet.readyPods).toHaveLength(2);
    expect(fleet.pods[1]?.meters.arrivals).toBeGreaterThan(100);
    expect(fleet.podSeconds).toBeCloseTo(2 + 2 * 8, 9);
  });

  it('lets a pod that leaves answer what it holds, takes the youngest first, and those that are not ready before all', () => {
    const { fleet, answers } = fleetOf({ startupSeconds: 5 }, { replicas: 2, threads: 4, processes: 1 }, [{ at: 0, store: 3 }, { at: 0.1, store: 3 }, { at: 0.2, store: 3 }, { at: 0.3, store: 3 }]);
    fleet.runUntil(1);
    fleet.rescale({ replicas: 3, threads: 4, processes: 1 });
    fleet.rescale({ replicas: 2, threads: 4, processes: 1 });
    expect(fleet.pods.map(({ number }) => number)).toEqual([1, 2]);
    fleet.rescale({ replicas: 1, threads: 4, processes: 1 });
    expect(fleet.readyPods.map(({ number }) => number)).toEqual([1]);
    fleet.runUntil(10);
    expect(answers).toHaveLength(4);
    expect(fleet.pods.map(({ number }) => number)).toEqual([1]);
  });

  it('turns requests away at a full queue and where no pod is ready', () => {
    const jobs = Array.from({ length: 10 }, (_, index) => ({ at: index / 1000, store: 1 }));
    const full = fleetOf({ queueLimit: 3 }, { replicas: 1, threads: 2, processes: 1 }, jobs);
    full.fleet.runUntil(0.5);
    expect(full.turnedAway).toHaveLength(5);
    expect(full.fleet.pods[0]?.meters.rejected).toBe(5);
    const empty = fleetOf({}, { replicas: 0, threads: 2, processes: 1 }, jobs);
    empty.fleet.runUntil(0.5);
    expect(empty.turnedAway).toHaveLength(10);
  });

  it('lets more threads take who waits, and fewer drop nobody', () => {
    const jobs = [0, 0, 0, 0].map((at) => ({ at, store: 1 }));
    const { fleet, answers } = fleetOf({}, { replicas: 1, threads: 1, processes: 1 }, jobs);
    fleet.runUntil(0.5);
    fleet.rescale({ replicas: 1, threads: 4, processes: 1 });
    fleet.rescale({ replicas: 1, threads: 1, processes: 1 });
    fleet.runUntil(2);
    expect(answers.map(({ seconds }) => seconds)).toEqual([1, 1.5, 1.5, 1.5]);
  });

  it('balances in turn where it is told to', () => {
    const { fleet } = fleetOf({ balancing: 'roundRobin' }, { replicas: 3, threads: 4, processes: 1 }, Array.from({ length: 30 }, (_, index) => ({ at: index / 10 })));
    fleet.runUntil(3);
    expect(fleet.pods.map(({ meters }) => meters.arrivals)).toEqual([10, 10, 10]);
  });
});
