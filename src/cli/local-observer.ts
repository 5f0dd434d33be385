/**
 * Puts together once a second what the view shows and the report holds.
 *
 * @module
 */
import type { Decision } from '../api/featureserver-status.ts';
import type { FleetFacts } from '../local/fleet/fleet-facts.ts';
import { PoolModels } from '../local/fleet/pool-models.ts';
import type { FleetWatch } from '../local/fleet/fleet-watch.ts';
import type { Kubelet } from '../local/kubelet/kubelet.ts';
import type { LoadSecond } from '../local/load/second-stats.ts';
import { readGroupUsage } from '../local/process/group-usage.ts';
import type { GroupUsage } from '../local/process/group-usage.ts';
import type { Recorder } from '../local/report/recorder.ts';
import type { FleetView } from '../local/view/fleet-view.ts';
import type { View } from '../local/view/view.ts';
import { podsOf } from './local-load.ts';

interface History {
  readonly seconds: LoadSecond[];
  readonly decisions: { t: number; decision: Decision }[];
}

/** What the view needs of the past; the report keeps everything. */
const keptSeconds = 120;

export class Observer {
  readonly #fleets: FleetWatch;
  readonly #kubelet: Kubelet;
  readonly #recorder: Recorder;
  readonly #view: View;
  readonly #groups = new Set<number>();
  readonly #histories = new Map<string, History>();
  readonly #models = new PoolModels();
  #usage: ReadonlyMap<number, GroupUsage> = new Map();
  #usageAtMs = 0;
  #cpu = new Map<number, number>();

  constructor(options: { fleets: FleetWatch; kubelet: Kubelet; recorder: Recorder; view: View }) {
    this.#fleets = options.fleets;
    this.#kubelet = options.kubelet;
    this.#recorder = options.recorder;
    this.#view = options.view;
    this.#recorder.processes([process.pid]);
  }

  /** Notes a process group of this run. */
  readonly addGroup = (group: number): void => {
    this.#groups.add(group);
    this.#recorder.processes([group]);
  };

  /** Takes in a second of load of a fleet. */
  second(key: string, second: LoadSecond): void {
    const facts = this.#fleets.fleets().find((fleet) => fleet.key === key);
    if (facts === undefined) return;
    this.#recorder.second(facts, second);
    const { seconds } = this.#history(key);
    if (second.partial) return;
    seconds.push(second);
    if (seconds.length > keptSeconds) seconds.shift();
  }

  /** Takes in what the objects say now. */
  noteDecisions(): void {
    for (const facts of this.#fleets.fleets()) {
      const { seconds, decisions } = this.#history(facts.key);
      const t = seconds.at(-1)?.t ?? 0;
      for (const decision of this.#recorder.facts(facts)) decisions.push({ t, decision });
    }
  }

  /** Reads CPU and processes, and shows everything. */
  show(seconds: number): void {
    this.#readUsage();
    this.noteDecisions();
    for (const facts of this.#fleets.fleets()) this.#askModel(facts);
    this.#view.show(this.#fleets.fleets().map((facts) => this.#fleetView(facts)), seconds);
  }

  #askModel(facts: FleetFacts): void {
    const pods = podsOf(facts, this.#kubelet.running()).filter(({ ready }) => ready);
    const asked = pods.map(({ key, ip = '', ports }) => ({ key, origin: `http://${ip}:${ports.get(facts.adminPort) ?? facts.adminPort}` }));
    void this.#models.look(facts.key, asked);
    const model = this.#models.of(facts.key);
    if (model !== undefined) this.#recorder.model(facts, model);
  }

  #readUsage(): void {
    const now = performance.now();
    const usage = readGroupUsage({ known: this.#groups });
    const elapsed = (now - this.#usageAtMs) / 1000;
    this.#cpu = new Map();
    for (const group of this.#groups) {
      const current = usage.get(group);
      const before = this.#usage.get(group);
      if (current !== undefined) this.#recorder.processes(current.pids);
      if (current !== undefined && before !== undefined) this.#cpu.set(group, Math.max(0, current.cpuSeconds - before.cpuSeconds) / elapsed);
    }
    this.#usage = usage;
    this.#usageAtMs = now;
  }

  #fleetView(facts: FleetFacts): FleetView {
    const { seconds, decisions } = this.#history(facts.key);
    const cpu = podsOf(facts, this.#kubelet.running()).flatMap(({ group }) => (group === undefined ? [] : (this.#cpu.get(group) ?? [])));
    const cpuPerPod = cpu.length === 0 ? undefined : cpu.reduce((sum, cores) => sum + cores, 0) / cpu.length;
    return { facts, seconds, decisions, cpuPerPod, model: this.#models.of(facts.key) };
  }

  #history(key: string): History {
    const history = this.#histories.get(key) ?? { seconds: [], decisions: [] };
    this.#histories.set(key, history);
    return history;
  }
}
