/**
 * The fleet: pods that come and go, the balancer before them, the store behind them, and the order of events.
 *
 * @module
 */
import type { Scale } from '../api/featureserver-status.ts';
import { Agenda } from './agenda.ts';
import type { ArrivalSource } from './arrivals.ts';
import type { Machine } from './machine.ts';
import type { Buckets } from './meters.ts';
import { floor, min, NEVER } from './numbers.ts';
import { PodSchedule } from './pod-schedule.ts';
import { Pod } from './pod.ts';
import type { Surroundings } from './pod.ts';
import type { RandomStream } from './random.ts';
import { Requests } from './requests.ts';
import { Store } from './store.ts';

/** Told of every request once, times in seconds. A request that is turned away has no answer. */
export interface Outcomes {
  answered: (arrivedAt: number, now: number) => void;
  turnedAway: (arrivedAt: number) => void;
}

/** What does not change unless `reconfigure` says so. */
export interface FleetConditions {
  machine: Machine;
  startupSeconds: number;
  /** Infinity without a limit. */
  storeConcurrency: number;
  balancing: 'random' | 'roundRobin';
}

interface FleetOptions extends FleetConditions {
  buckets: Buckets;
  scale: Scale;
  routing: RandomStream;
  outcomes: Outcomes;
  /** Arrivals, and what each asks for: a factor on its CPU and the store's time in seconds. */
  arrivals: ArrivalSource;
  demand: () => { cpu: number; store: number };
}

export class Fleet {
  now = 0;
  scale: Scale;
  /** Time integrals up to the end of `runUntil`: pods (from their creation to their end), and cores that stand for them. */
  podSeconds = 0;
  coreSeconds = 0;
  readonly agenda = new Agenda();
  readonly requests = new Requests();
  /** All that exist, by age. */
  readonly pods: Pod[] = [];
  readonly #store: Store;
  /** Called for each pod that becomes ready. */
  onReady: (pod: Pod, now: number) => void = () => {};
  #conditions: FleetConditions;
  readonly #options: FleetOptions;
  readonly #surroundings: Surroundings & { machine: Machine };
  readonly #byNumber = new Map<number, Pod>();
  readonly #schedule = new PodSchedule();
  #ready: Pod[] = [];
  #numbers = 0;
  #turn = 0;
  #accountedAt = 0;
  #endedCpuSeconds = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#conditions = options;
    this.scale = { ...options.scale };
    this.#store = new Store(this.requests, options.storeConcurrency);
    this.#surroundings = {
      requests: this.requests,
      buckets: options.buckets,
      machine: options.machine,
      askStore: (id, now) => this.#store.ask(id, now),
      answered: (id, now) => {
        options.outcomes.answered(this.requests.arrivedAt[id] ?? 0, now);
        this.requests.give(id);
      },
      turnedAway: (id) => this.#turnAway(id),
    };
    for (let count = 0; count < options.scale.replicas; count += 1) this.#makeReady(this.#create(-options.startupSeconds), 0);
  }

  get readyPods(): readonly Pod[] {
    return this.#ready;
  }

  /** Lets everything happen up to `until`, seconds; what is due exactly then as well. */
  runUntil(until: number): void {
    const { arrivals } = this.#options;
    for (;;) {
      const own = min(this.#schedule.first, this.#store.next);
      const outer = min(arrivals.next, this.agenda.next);
      const next = own <= outer ? own : outer;
      if (next > until || next === NEVER) break;
      this.now = next;
      if (own <= outer) this.#serve(next);
      else if (arrivals.next <= this.agenda.next) this.#arrive(next);
      else this.agenda.run();
    }
    this.now = until;
    this.#account();
  }

  /** Asks for another size. Pods come after their start-up; those not ready yet go first, then the youngest, each once it has answered what it holds. */
  rescale(scale: Scale): void {
    const { threads, processes } = scale;
    if (threads !== this.scale.threads || processes !== this.scale.processes) {
      for (const pod of this.pods) this.#touch(pod, () => pod.resize({ threads, processes }, this.now));
    }
    this.scale = { ...scale };
    const staying = this.pods.filter((pod) => !pod.leaving);
    for (let count = staying.length; count < scale.replicas; count += 1) this.#start();
    for (const pod of leaversOf(staying, staying.length - scale.replicas)) this.#dismiss(pod);
  }

  /** Other conditions from now on, for pods that run as well. */
  reconfigure(conditions: FleetConditions): void {
    this.#account();
    for (const pod of this.pods) pod.advance(this.now);
    this.#conditions = conditions;
    this.#surroundings.machine = conditions.machine;
    this.#store.resize(conditions.storeConcurrency, this.now);
    for (const pod of this.pods) this.#touch(pod, () => pod.reconsider(this.now));
  }

  /**
   * CPU that all pods have used up to `now`, core-seconds, those that are gone included. For the end of a run: it settles the pods, and one that is
   * settled in between rounds otherwise.
   */
  settledCpuSeconds(): number {
    for (const pod of this.pods) pod.advance(this.now);
    return this.pods.reduce((sum, { meters }) => sum + meters.cpu, this.#endedCpuSeconds);
  }

  /** Before anything that changes what the pods cost. */
  #account(): void {
    const podSeconds = (this.now - this.#accountedAt) * this.pods.length;
    this.podSeconds += podSeconds;
    this.coreSeconds += podSeconds * this.#conditions.machine.reserved;
    this.#accountedAt = this.now;
  }

  #serve(now: number): void {
    if (this.#store.next <= this.#schedule.first) {
      const id = this.#store.answer(now);
      const pod = this.#byNumber.get(this.requests.pod[id] ?? -1);
      if (pod === undefined) return;
      pod.storeAnswered(id, now);
      this.#after(pod);
      return;
    }
    const pod = this.#schedule.firstPod;
    if (pod === undefined) return;
    pod.fire(now);
    this.#after(pod);
  }

  #arrive(now: number): void {
    const { arrivals, demand } = this.#options;
    arrivals.take();
    const { cpu, store } = demand();
    const id = this.requests.take(now, cpu, store);
    const pod = this.#route();
    if (pod === undefined) return this.#turnAway(id);
    pod.arrive(id, now);
    this.#schedule.update(pod);
  }

  #route(): Pod | undefined {
    const pods = this.#ready;
    // Drawn also where there is no choice: the same request meets the same number under every policy.
    const drawn = this.#options.routing.uniform();
    if (pods.length <= 1) return pods[0];
    if (this.#conditions.balancing === 'random') return pods[floor(drawn * pods.length)];
    this.#turn = (this.#turn + 1) % pods.length;
    return pods[this.#turn];
  }

  #turnAway(id: number): void {
    this.#options.outcomes.turnedAway(this.requests.arrivedAt[id] ?? 0);
    this.requests.give(id);
  }

  #touch(pod: Pod, change: () => void): void {
    change();
    this.#schedule.update(pod);
  }

  #after(pod: Pod): void {
    this.#schedule.update(pod);
    if (pod.leaving && pod.inside === 0) this.#end(pod);
  }

  #create(createdAt: number): Pod {
    this.#account();
    const pod = new Pod((this.#numbers += 1), createdAt, this.#surroundings, this.scale);
    this.pods.push(pod);
    this.#byNumber.set(pod.number, pod);
    this.#schedule.add(pod);
    return pod;
  }

  #start(): void {
    const pod = this.#create(this.now);
    this.agenda.add(this.now + this.#conditions.startupSeconds, (now) => {
      if (!pod.leaving) this.#makeReady(pod, now);
    });
  }

  #makeReady(pod: Pod, now: number): void {
    pod.readyAt = now;
    this.#ready.push(pod);
    this.onReady(pod, now);
  }

  #dismiss(pod: Pod): void {
    pod.leaving = true;
    this.#ready = this.#ready.filter((other) => other !== pod);
    if (pod.inside === 0) this.#end(pod);
  }

  #end(pod: Pod): void {
    this.#account();
    this.#endedCpuSeconds += pod.meters.cpu;
    this.#schedule.remove(pod);
    this.#byNumber.delete(pod.number);
    this.pods.splice(this.pods.indexOf(pod), 1);
  }
}

const leaversOf = (pods: readonly Pod[], count: number): Pod[] =>
  count <= 0 ? [] : [...pods.filter(({ readyAt }) => readyAt === null).reverse(), ...pods.filter(({ readyAt }) => readyAt !== null).reverse()].slice(0, count);
