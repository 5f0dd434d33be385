/**
 * One pod: requests wait for a slot, go through their parts, share locks and cores, and are counted.
 *
 * @module
 */
import { IdQueue } from './id-queue.ts';
import { phases } from './machine.ts';
import type { Machine } from './machine.ts';
import { Meters } from './meters.ts';
import type { Buckets } from './meters.ts';
import { max, min, NEVER } from './numbers.ts';
import { Quota } from './quota.ts';
import type { Requests } from './requests.ts';
import { Slots } from './slots.ts';
import { Station } from './station.ts';

/** What a pod needs of the fleet around it. */
export interface Surroundings {
  readonly requests: Requests;
  readonly buckets: Buckets;
  readonly machine: Machine;
  askStore: (id: number, now: number) => void;
  /** A request has been answered. */
  answered: (id: number, now: number) => void;
  /** A request has been turned away. */
  turnedAway: (id: number, now: number) => void;
}

/** A probe of the interpreter lock sleeps so long, and then waits so much longer for each thread that wants to run. Seconds; measured. */
const PROBE_SLEEP = 0.02;
const PROBE_WAIT = 0.0015;

export class Pod {
  readonly number: number;
  readonly createdAt: number;
  readyAt: number | null = null;
  leaving = false;
  /** Of the next event of its own, seconds. */
  next = NEVER;
  /** In the schedule. */
  place = -1;
  inside = 0;
  readonly meters: Meters;
  readonly slots: Slots;
  readonly #fleet: Surroundings;
  readonly #queue = new IdQueue();
  readonly #quota = new Quota();
  /** One line for each process. */
  readonly #lines: Station[] = [];
  readonly #cores = new Station();
  /** Threads on `#cores`, by process. */
  readonly #coresOf = new Int32Array(64);
  /** Threads that could run: one of each line, and all on the cores; and those that want to. */
  #running = 0;
  #runnable = 0;
  #at: number;

  constructor(number: number, createdAt: number, fleet: Surroundings, size: { threads: number; processes: number }) {
    this.number = number;
    this.createdAt = createdAt;
    this.#at = createdAt;
    this.#fleet = fleet;
    this.meters = new Meters(fleet.buckets);
    this.slots = new Slots(size);
    this.#ensureLines();
  }

  get queued(): number {
    return this.#queue.size;
  }

  arrive(id: number, now: number): void {
    this.advance(now);
    this.meters.arrivals += 1;
    if (this.slots.free || this.#queue.size < this.#fleet.machine.queueLimit) {
      this.#fleet.requests.pod[id] = this.number;
      this.inside += 1;
      this.#queue.push(id);
      this.#settle(now);
      return;
    }
    this.meters.rejected += 1;
    this.#fleet.turnedAway(id, now);
  }

  storeAnswered(id: number, now: number): void {
    this.advance(now);
    const { requests } = this.#fleet;
    requests.storeSeen[id] = now - (requests.phaseAt[id] ?? 0);
    this.#enter(id, phases.cores, now);
    this.#settle(now);
  }

  /** Whatever was due at `now`: parts that end, the quota. */
  fire(now: number): void {
    this.advance(now);
    this.#empty(this.#cores, now);
    // By index, as below: the loops run for every event.
    for (let process = 0; process < this.#lines.length; process += 1) this.#empty(this.#lines[process] ?? this.#cores, now);
    this.#settle(now);
  }

  resize(size: { threads: number; processes: number }, now: number): void {
    this.advance(now);
    this.slots.resize(size);
    this.#ensureLines();
    this.#settle(now);
  }

  /** Takes up a change of the machine. */
  reconsider(now: number): void {
    this.advance(now);
    this.#settle(now);
  }

  /** Lets time pass: everything is counted and served up to `now`. */
  advance(now: number): void {
    const seconds = now - this.#at;
    if (seconds <= 0) return;
    this.#at = now;
    const { meters } = this;
    meters.inflight += this.inside * seconds;
    meters.busy += this.slots.busy * seconds;
    if (this.#running === 0) return;
    if (this.#quota.throttled) {
      meters.runqueue += this.#runnable * seconds;
      meters.throttled += min(this.#running, this.#fleet.machine.cores) * seconds;
      return;
    }
    this.#run(seconds);
  }

  #run(seconds: number): void {
    const { meters } = this;
    const speed = this.#speed();
    const used = this.#running * speed * seconds;
    meters.cpu += used;
    meters.runqueue += this.#running * (1 - speed) * seconds;
    this.#quota.use(used);
    this.#cores.receive(speed * seconds);
    for (let process = 0; process < this.#lines.length; process += 1) {
      const line = this.#lines[process];
      if (line === undefined) continue;
      const serves = line.size > 0;
      meters.cpuOf[process] = (meters.cpuOf[process] ?? 0) + ((serves ? 1 : 0) + (this.#coresOf[process] ?? 0)) * speed * seconds;
      if (serves) this.#runLine(line, speed, seconds);
    }
  }

  #runLine(line: Station, speed: number, seconds: number): void {
    const { meters } = this;
    const waits = PROBE_WAIT * line.size;
    meters.gilWait += (seconds * waits) / (PROBE_SLEEP + waits);
    meters.gilWaiting += (line.size - 1) * seconds;
    meters.loopLag += (line.unfinished / speed) * seconds - (seconds * seconds) / 2;
    line.receive((speed * seconds) / line.size);
  }

  /** Cores that each running thread gets. */
  #speed(): number {
    const { cores } = this.#fleet.machine;
    return this.#running <= cores ? 1 : cores / this.#running;
  }

  #ensureLines(): void {
    while (this.#lines.length < this.slots.processes) this.#lines.push(new Station());
  }

  #empty(station: Station, now: number): void {
    for (let id = station.leave(); id >= 0; id = station.leave()) {
      this.#runnable -= 1;
      if (station === this.#cores) this.#leaveCores(id);
      else if (station.size === 0) this.#running -= 1;
      const phase = this.#fleet.requests.phase[id] ?? phases.end;
      if (phase === phases.after) this.#countReturn(id, now);
      this.#enter(id, phase + 1, now);
    }
  }

  #leaveCores(id: number): void {
    const process = this.#fleet.requests.process[id] ?? 0;
    this.#coresOf[process] = (this.#coresOf[process] ?? 0) - 1;
    this.#running -= 1;
  }

  /** A thread that comes back from the store waits for its turn before it can tell how long the store took. */
  #countReturn(id: number, now: number): void {
    const { requests, machine } = this.#fleet;
    if ((requests.storeSeen[id] ?? 0) === 0) return;
    const waited = now - (requests.phaseAt[id] ?? 0) - (machine.seconds[phases.after] ?? 0) * (requests.cpu[id] ?? 0);
    requests.storeSeen[id] = (requests.storeSeen[id] ?? 0) + machine.seenAsStore * max(0, waited);
  }

  /** Begins the first part from `phase` on that takes time, or ends the request. */
  #enter(id: number, phase: number, now: number): void {
    const { requests, machine } = this.#fleet;
    for (let part = phase; part < phases.end; part += 1) {
      const each = part === phases.store ? (requests.store[id] ?? 0) : (requests.cpu[id] ?? 0);
      const seconds = (machine.seconds[part] ?? 0) * each;
      if (seconds <= 0) continue;
      requests.phase[id] = part;
      requests.phaseAt[id] = now;
      if (part === phases.store) this.#fleet.askStore(id, now);
      else this.#compute(id, seconds, part !== phases.cores && machine.serial);
      return;
    }
    this.#finish(id, now);
  }

  #compute(id: number, seconds: number, isSerial: boolean): void {
    const process = this.#fleet.requests.process[id] ?? 0;
    const line = isSerial ? this.#lines[process] : undefined;
    const station = line ?? this.#cores;
    if (line === undefined) this.#coresOf[process] = (this.#coresOf[process] ?? 0) + 1;
    if (line === undefined || line.size === 0) this.#running += 1;
    this.#runnable += 1;
    station.enter(id, seconds);
  }

  #finish(id: number, now: number): void {
    const { requests } = this.#fleet;
    const arrived = requests.arrivedAt[id] ?? 0;
    this.meters.answered(now - arrived, (requests.pickedAt[id] ?? 0) - arrived, requests.storeSeen[id] ?? 0);
    this.slots.give(requests.process[id] ?? 0);
    this.inside -= 1;
    this.#fleet.answered(id, now);
  }

  /** After every event: free slots take who waits, the quota is met, and the next event is found. */
  #settle(now: number): void {
    const { requests } = this.#fleet;
    while (this.#queue.size > 0 && this.slots.free) {
      const id = this.#queue.shift();
      requests.process[id] = this.slots.take();
      requests.pickedAt[id] = now;
      this.#enter(id, phases.before, now);
    }
    this.next = this.#running === 0 ? NEVER : this.#nextAt(now);
  }

  #nextAt(now: number): number {
    const { quota } = this.#fleet.machine;
    if (quota !== NEVER) this.meters.throttledPeriods += this.#quota.meet(now, quota);
    else this.#quota.throttled = false;
    if (this.#quota.throttled) return this.#quota.end;
    const speed = this.#speed();
    let least = this.#cores.untilFirst / speed;
    for (let process = 0; process < this.#lines.length; process += 1) {
      const line = this.#lines[process];
      if (line !== undefined && line.size > 0) least = min(least, (line.untilFirst * line.size) / speed);
    }
    return quota === NEVER ? now + least : min(now + least, this.#quota.nextAt(now, this.#running * speed));
  }
}
