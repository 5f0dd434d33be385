/**
 * Collects what goes into the report while a fleet runs.
 *
 * @module
 */
import type { Decision } from '../../api/featureserver-status.ts';
import type { FleetFacts } from '../fleet/fleet-facts.ts';
import type { PoolModel } from '../fleet/pool-models.ts';
import type { LoadSecond } from '../load/second-stats.ts';
import type { Report, ReportSecond } from './report.ts';

interface FleetRecord {
  readonly name: string;
  readonly namespace: string;
  objectiveMs: number;
  model: PoolModel['model'] | null;
  gil: PoolModel['gil'] | null;
  readonly seconds: ReportSecond[];
  readonly decisions: Decision[];
}

/** Two decisions are the same when they moved the same way at the same moment: the status has no other identity. */
const identity = (decision: Decision): string => JSON.stringify([decision.at, decision.from, decision.to, decision.reason]);

export class Recorder {
  readonly #fleets = new Map<string, FleetRecord>();
  readonly #seen = new Map<string, Set<string>>();
  readonly #processes = new Set<number>();
  #sent = 0;
  #answered = 0;
  #failed = 0;
  #over = 0;
  #firstRequestSeconds: number | null = null;

  /** Notes processes; each counts once. */
  processes(pids: Iterable<number>): void {
    for (const pid of pids) this.#processes.add(pid);
  }

  /** Notes when the first request was answered; later calls change nothing. */
  firstRequest(seconds: number): void {
    this.#firstRequestSeconds ??= Math.round(seconds * 1000) / 1000;
  }

  /** Notes the state of a fleet. Returns the decisions that were not known yet, oldest first. */
  facts(facts: FleetFacts): Decision[] {
    const fleet = this.#fleet(facts);
    const known = this.#seen.get(facts.key) ?? new Set<string>();
    this.#seen.set(facts.key, known);
    const fresh = facts.decisions.toReversed().filter((decision) => !known.has(identity(decision)));
    for (const decision of fresh) known.add(identity(decision));
    fleet.decisions.push(...fresh);
    return fresh;
  }

  /** Notes what kind of pool a fleet is. */
  model(facts: FleetFacts, { model, gil }: PoolModel): void {
    Object.assign(this.#fleet(facts), { model, gil });
  }

  /** Notes a second of load. */
  second(facts: FleetFacts, load: LoadSecond): void {
    const { t, p50Ms, p95Ms, p99Ms, sent, over } = load;
    const { replicas, readyReplicas, threads, processes } = facts;
    this.#sent += sent;
    this.#answered += load.answered;
    this.#failed += load.failed;
    this.#over += over;
    // The last answers come in a rest of a second in which nothing is sent: counted above, no row of its own.
    if (load.partial) return;
    this.#fleet(facts).seconds.push({ t, rate: sent, over, p50Ms, p95Ms, p99Ms, replicas, readyReplicas, threads, processes, class: facts.class });
  }

  /** The report so far. */
  report(): Report {
    return {
      fleets: [...this.#fleets.values()].map((fleet) => ({ ...fleet })),
      requests: { sent: this.#sent, answered: this.#answered, failed: this.#failed, over: this.#over },
      processIds: [...this.#processes],
      firstRequestSeconds: this.#firstRequestSeconds,
    };
  }

  #fleet({ key, name, namespace, objectiveMs }: FleetFacts): FleetRecord {
    const fleet = this.#fleets.get(key) ?? { name, namespace, objectiveMs, model: null, gil: null, seconds: [], decisions: [] };
    fleet.objectiveMs = objectiveMs;
    this.#fleets.set(key, fleet);
    return fleet;
  }
}
