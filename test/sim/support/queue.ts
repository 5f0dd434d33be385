/**
 * A fleet driven by given arrivals and demands, for comparison with theory.
 *
 * @module
 */
import { Fleet } from '../../../src/sim/fleet.ts';
import { machineFor } from '../../../src/sim/machine.ts';
import { Buckets, protocolEdges } from '../../../src/sim/meters.ts';
import { conditionsAt, parseProfile } from '../../../src/sim/profile.ts';
import { RandomStream } from '../../../src/sim/random.ts';

export interface Job {
  readonly at: number;
  /** Factor on the CPU of a request; 1 when absent. */
  readonly cpu?: number;
  /** Seconds at the store; none when absent. */
  readonly store?: number;
}

export interface Answer {
  readonly arrivedAt: number;
  readonly seconds: number;
}

export interface Driven {
  readonly fleet: Fleet;
  /** In the order in which they were given. */
  readonly answers: Answer[];
  readonly turnedAway: number[];
  /** Moments of answers, in the order in which they were told. */
  readonly told: number[];
}

/** Fields of a profile, milliseconds as there. No CPU, no store and no limit on the queue unless said. */
export const fleetOf = (profile: Record<string, unknown>, scale: { replicas: number; threads: number; processes: number }, jobs: readonly Job[]): Driven => {
  const conditions = conditionsAt(parseProfile({ model: 'threads', cpuMs: 0, storeMs: { median: 0, sigma: 0 }, queueLimit: null, startupSeconds: 0, ...profile }), 0);
  const answers: Answer[] = [];
  const turnedAway: number[] = [];
  const told: number[] = [];
  let index = 0;
  const fleet = new Fleet({
    machine: machineFor(conditions),
    startupSeconds: conditions.startupSeconds,
    storeConcurrency: conditions.storeConcurrency ?? Infinity,
    balancing: conditions.balancing,
    buckets: new Buckets(protocolEdges(0.05)),
    scale,
    routing: new RandomStream(1, 3),
    outcomes: {
      answered: (arrivedAt, now) => {
        answers.push({ arrivedAt, seconds: now - arrivedAt });
        told.push(now);
      },
      turnedAway: (arrivedAt) => turnedAway.push(arrivedAt),
    },
    arrivals: {
      get next() {
        return jobs[index]?.at ?? Infinity;
      },
      take: () => void (index += 1),
    },
    demand: () => ({ cpu: jobs[index - 1]?.cpu ?? 1, store: jobs[index - 1]?.store ?? 0 }),
  });
  return { fleet, answers, turnedAway, told };
};

/** Runs until all is answered. */
export const drained = (driven: Driven): Driven => {
  driven.fleet.runUntil(Infinity);
  return driven;
};

export const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** `count` jobs of a Poisson process. `draw` gives what each asks for. */
export const poisson = (seed: number, count: number, rate: number, draw: (random: RandomStream) => Omit<Job, 'at'>): Job[] => {
  const arrivals = new RandomStream(seed, 1);
  const demands = new RandomStream(seed, 2);
  let at = 0;
  return Array.from({ length: count }, () => ({ at: (at += arrivals.exponential() / rate), ...draw(demands) }));
};
