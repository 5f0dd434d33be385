/**
 * Makes the cause of a scenario happen when it is time, and notes what the operator says and does from then on.
 *
 * @module
 */
import type { Decision } from '../../api/featureserver-status.ts';
import type { FleetFacts } from '../fleet/fleet-facts.ts';
import type { ScenarioReport } from '../report/report.ts';
import { clock } from '../view/fleet-view.ts';
import type { Scenario, Stage, Tools } from './scenario.ts';

export interface DirectorOptions {
  readonly name: string;
  readonly scenario: Pick<Scenario, 'class' | 'atSeconds' | 'cause'>;
  readonly begin: Stage['begin'];
  readonly tools: Tools;
  /** Writes a line that stays in sight. */
  readonly tell: (line: string) => void;
  /** The cause could not be made to happen. */
  readonly onFailure: (message: string) => void;
}

export class Director {
  readonly #options: DirectorOptions;
  /** Decisions that were known when the cause began. */
  readonly #before = new Set<string>();
  readonly #after = new Map<string, Decision>();
  #report: ScenarioReport;

  constructor(options: DirectorOptions) {
    this.#options = options;
    const { name, scenario } = options;
    this.#report = { name, cause: scenario.cause, causeSeconds: null, expectedClass: scenario.class, classSeconds: null, evidence: null, advice: null, decisions: [], pods: null, threads: null };
  }

  /** To be called about once a second with the seconds since the load began, and the fleets. */
  tick(seconds: number, fleets: readonly FleetFacts[]): void {
    const { scenario } = this.#options;
    const [fleet] = fleets;
    if (fleet === undefined) return;
    if (this.#report.causeSeconds === null) {
      if (seconds < scenario.atSeconds) return;
      for (const decision of fleet.decisions) this.#before.add(identity(decision));
      this.#begin(seconds);
    }
    this.#noteSizes(fleet);
    this.#noteClass(seconds, fleet);
    for (const decision of fleet.decisions) if (!this.#before.has(identity(decision))) this.#after.set(identity(decision), decision);
  }

  /** What was seen so far. */
  report(): ScenarioReport {
    return { ...this.#report, decisions: [...this.#after.values()].toSorted((left, right) => left.at.localeCompare(right.at)) };
  }

  #begin(seconds: number): void {
    const { begin, tools, tell, scenario, onFailure } = this.#options;
    this.#note({ causeSeconds: rounded(seconds) });
    tell(`${clock(seconds)}  ${scenario.cause}`);
    begin?.(tools).catch((error: unknown) => onFailure(`the cause of the scenario could not be made to happen: ${String(error)}`));
  }

  #noteClass(seconds: number, { class: found, evidence, advice }: FleetFacts): void {
    const { scenario, tell } = this.#options;
    const { causeSeconds, classSeconds } = this.#report;
    if (classSeconds !== null || found !== scenario.class || causeSeconds === null) return;
    this.#note({ classSeconds: rounded(seconds), evidence, advice });
    tell(`${clock(seconds)}  the class is ${found}, ${Math.round(seconds - causeSeconds)} s after the cause began${advice === '' ? '' : `; advice: ${advice}`}`);
  }

  #noteSizes({ replicas, threads }: FleetFacts): void {
    this.#note({ pods: widened(this.#report.pods, replicas), threads: widened(this.#report.threads, threads) });
  }

  #note(change: Partial<ScenarioReport>): void {
    this.#report = { ...this.#report, ...change };
  }
}

type Range = NonNullable<ScenarioReport['pods']>;

const widened = (range: Range | null, value: number): Range => (range === null ? { from: value, most: value, to: value } : { from: range.from, most: Math.max(range.most, value), to: value });

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;

const identity = (decision: Decision): string => JSON.stringify([decision.at, decision.from, decision.to, decision.reason]);
