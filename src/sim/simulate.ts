/**
 * One run: a trace through the fleet model under a policy.
 *
 * @module
 */
import type { Scale } from '../api/featureserver-status.ts';
import { Arrivals } from './arrivals.ts';
import type { RatePoint } from './arrivals.ts';
import { Fleet } from './fleet.ts';
import type { FleetConditions } from './fleet.ts';
import { machineFor } from './machine.ts';
import { Buckets, protocolEdges } from './meters.ts';
import { exp, max, NEVER } from './numbers.ts';
import { EPOCH_MS, Observer } from './observer.ts';
import { ClientView } from './outcome.ts';
import type { ResultWithCpu, SimulationResult } from './outcome.ts';
import type { Decision, Policy } from './policy.ts';
import { conditionsAt } from './profile.ts';
import type { Conditions, Profile } from './profile.ts';
import { RandomStream, streams } from './random.ts';

export interface Simulation {
  /** Offered load, ascending in time, the first at 0. */
  points: readonly RatePoint[];
  durationSeconds: number;
  profile: Profile;
  policy: Policy;
  objectiveMs: number;
  /** Size at the start, all of it ready. */
  scale: Scale;
  /** Whole number below 2^53. */
  seed: number;
  /** Told of each decision, `seconds` after the start. */
  onDecision?: (seconds: number, from: Scale, decision: Decision) => void;
}

const fleetConditions = (conditions: Conditions): FleetConditions => ({
  machine: machineFor(conditions),
  startupSeconds: conditions.startupSeconds,
  storeConcurrency: conditions.storeConcurrency ?? NEVER,
  balancing: conditions.balancing,
});

/** What each request asks for, drawn at its arrival: the same under every policy. */
class Demands {
  conditions: Conditions;
  readonly #random: RandomStream;
  readonly #demand = { cpu: 1, store: 0 };

  constructor(conditions: Conditions, random: RandomStream) {
    this.conditions = conditions;
    this.#random = random;
  }

  next(): { cpu: number; store: number } {
    const { cpuSigma, storeMs } = this.conditions;
    this.#demand.store = (storeMs.median / 1000) * this.#random.lognormal(storeMs.sigma);
    this.#demand.cpu = cpuSigma === 0 ? 1 : this.#random.lognormal(cpuSigma) * exp(-(cpuSigma * cpuSigma) / 2);
    return this.#demand;
  }
}

/** Follows the number of pods that is asked for. */
class Moves {
  most: number;
  reversals = 0;
  #direction = 0;

  constructor(replicas: number) {
    this.most = replicas;
  }

  note(from: number, to: number): void {
    const direction = Math.sign(to - from);
    if (direction === 0) return;
    if (this.#direction === -direction) this.reversals += 1;
    this.#direction = direction;
    this.most = max(this.most, to);
  }
}

class Run {
  readonly #simulation: Simulation;
  readonly #clients: ClientView;
  readonly #demands: Demands;
  readonly #moves: Moves;
  readonly #fleet: Fleet;
  readonly #observer: Observer | null;
  #conditions: Conditions;

  constructor(simulation: Simulation) {
    const { profile, objectiveMs, seed, scale, points, durationSeconds, policy } = simulation;
    const stream = (of: keyof typeof streams): RandomStream => new RandomStream(seed, streams[of]);
    const buckets = new Buckets(protocolEdges(objectiveMs / 1000));
    const demands = new Demands(conditionsAt(profile, 0), stream('demands'));
    this.#simulation = simulation;
    this.#conditions = demands.conditions;
    this.#demands = demands;
    this.#clients = new ClientView(objectiveMs / 1000);
    this.#moves = new Moves(scale.replicas);
    this.#fleet = new Fleet({
      ...fleetConditions(this.#conditions),
      buckets,
      scale,
      routing: stream('routing'),
      outcomes: this.#clients,
      arrivals: new Arrivals(points, stream('arrivals'), durationSeconds),
      demand: () => demands.next(),
    });
    const { scrapeSeconds } = policy;
    this.#observer = scrapeSeconds === null ? null : new Observer(this.#fleet, buckets.edges, this.#conditions, stream('scrapes'), scrapeSeconds);
    for (const { atSeconds } of profile.changes) if (atSeconds > 0) this.#fleet.agenda.add(atSeconds, (now) => this.#change(now));
    this.#fleet.agenda.add(policy.periodSeconds, (now) => this.#evaluate(now));
  }

  result(): SimulationResult {
    const { durationSeconds, policy } = this.#simulation;
    const clients = this.#clients;
    this.#fleet.runUntil(durationSeconds);
    this.#fleet.requests.eachInside((arrivedAt) => clients.unanswered(arrivedAt, durationSeconds));
    const { all, over } = clients.windows;
    return {
      policy: policy.name,
      requests: clients.requests,
      overObjective: clients.overObjective,
      windows: all,
      windowsOver: over,
      podHours: rounded(this.#fleet.podSeconds / 3600),
      coreHours: rounded(this.#fleet.coreSeconds / 3600),
      reversals: this.#moves.reversals,
      maxReplicas: this.#moves.most,
      p50Ms: clients.quantileMs(0.5),
      p95Ms: clients.quantileMs(0.95),
      p99Ms: clients.quantileMs(0.99),
    };
  }

  /** After `result` only. */
  usedCores(): number {
    return rounded(this.#fleet.settledCpuSeconds() / this.#simulation.durationSeconds);
  }

  #change(now: number): void {
    this.#conditions = conditionsAt(this.#simulation.profile, now);
    this.#demands.conditions = this.#conditions;
    this.#fleet.reconfigure(fleetConditions(this.#conditions));
    this.#observer?.reconfigure(this.#conditions);
  }

  #evaluate(now: number): void {
    const { policy, onDecision } = this.#simulation;
    const from = this.#fleet.scale;
    const decision = policy.decide({
      now,
      nowMs: EPOCH_MS + Math.round(1000 * now),
      scale: { ...from },
      coreLimit: this.#conditions.coreLimit,
      window: (seconds) => this.#need().window(seconds),
      arrivals: (seconds) => this.#need().arrivals(seconds),
    });
    onDecision?.(now, from, decision);
    this.#moves.note(from.replicas, decision.scale.replicas);
    if (decision.scale.threads !== from.threads || decision.scale.processes !== from.processes) this.#observer?.noteResize();
    this.#fleet.rescale(decision.scale);
    this.#fleet.agenda.add(now + policy.periodSeconds, (at) => this.#evaluate(at));
  }

  #need(): Observer {
    if (this.#observer === null) throw new Error(`the policy ${this.#simulation.policy.name} asks for data and says that it needs none`);
    return this.#observer;
  }
}

const rounded = (value: number): number => Number(value.toPrecision(8));

/** Runs one simulation to its end. The same input gives the same result. */
export const simulate = (simulation: Simulation): SimulationResult => new Run(simulation).result();

/** The same run, with the CPU that its pods used. */
export const simulateWithCpu = (simulation: Simulation): ResultWithCpu => {
  const run = new Run(simulation);
  return { ...run.result(), usedCores: run.usedCores() };
};
