/**
 * Keeps the wanted number of serving processes alive, all with the same knobs; grows, drains and replaces them.
 *
 * @module
 */
import { splitRegistry } from '../definitions/definitions-transfer.ts';
import type { GoodRegistry } from '../definitions/read-registry.ts';
import type { Knobs, ServingSettings } from '../messages.ts';
import type { Log } from '../log.ts';
import { Child } from './child.ts';
import type { Dealer } from './dealer.ts';
import { Tally } from './tally.ts';

const firstBackoffMs = 100;
const longestBackoffMs = 10_000;
/** A process that lived so long did not crash at start: the next one starts at once. */
const settledMs = 30_000;

export class Processes {
  readonly tally: Tally;
  private settings: ServingSettings;
  private readonly log: Log;
  private readonly dealer: Dealer;
  private readonly children = new Set<Child>();
  private readonly crashes = new Map<number, number>();
  /** Slots that wait for their backoff to pass. */
  private readonly waiting = new Set<number>();
  private registry: GoodRegistry | undefined;
  /** Counts registries, so that a process can tell a late piece of an earlier one. */
  private load = 0;
  private wanted = 0;
  private over = false;

  constructor(settings: ServingSettings, log: Log, dealer: Dealer) {
    this.settings = settings;
    this.log = log;
    this.dealer = dealer;
    this.tally = new Tally(settings.knobs.objectiveMs);
  }

  /** Whether no process is started any more. */
  get ending(): boolean {
    return this.over;
  }

  /** All that live, those included that still finish their requests. */
  living(): Child[] {
    return [...this.children];
  }

  /** Those that take new connections. */
  serving(): Child[] {
    return this.living().filter((child) => child.state === 'serving');
  }

  /**
   * Makes a size and knobs true. Resolves when they are in force for new requests in all processes, or others are wanted by then;
   * nothing in flight is dropped.
   */
  async apply(count: number, knobs: Knobs): Promise<void> {
    const before = this.serving().length;
    this.settings = { ...this.settings, knobs };
    this.wanted = count;
    this.dealer.setBound(count * knobs.queue);
    this.tally.setObjective(knobs.objectiveMs);
    const surplus = this.active().filter((child) => child.slot >= count);
    for (let slot = 0; slot < count; slot++) this.fill(slot);
    // New ones first: while both serve, no connection is without a process.
    await Promise.all(this.active().map((child) => child.serving()));
    if (this.wanted !== count || this.settings.knobs !== knobs) return;
    await Promise.all([...this.serving().map((child) => child.configure(knobs)), ...surplus.map((child) => this.retire(child))]);
    if (before > 0 && count > before) this.rebalance((count - before) / count);
  }

  /** Whether all wanted processes serve with these knobs. */
  inForce(count: number, knobs: Knobs): boolean {
    const serving = this.serving();
    return serving.length === count && serving.every((child) => child.knobs === knobs || sameKnobs(child.knobs, knobs));
  }

  /** Gives all processes a registry, and those that are started from now on. */
  define(registry: GoodRegistry): void {
    this.registry = registry;
    this.load++;
    for (const child of this.living()) this.sendRegistry(child);
  }

  /** Fresh snapshots of all, as far as they come within the deadline; a busy process keeps its last one. */
  async collect(deadlineMs: number): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, deadlineMs).unref());
    await Promise.race([Promise.all(this.living().map((child) => child.report())), late]);
  }

  /** Connections end with their next answer from now on. */
  announceEnd(): void {
    this.over = true;
    for (const child of this.living()) child.send({ type: 'lastAnswers' });
  }

  /** Drains all processes; resolves when they are gone. */
  async end(): Promise<void> {
    this.over = true;
    this.wanted = 0;
    await Promise.all(this.active().map((child) => this.retire(child)));
    while (this.children.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Ends what is left at once. */
  kill(): void {
    this.over = true;
    for (const child of this.children) child.kill();
  }

  private active(): Child[] {
    return this.living().filter((child) => child.state !== 'retiring');
  }

  private async retire(child: Child): Promise<void> {
    this.dealer.remove(child);
    await child.retire();
  }

  private rebalance(share: number): void {
    for (const child of this.serving()) if (performance.now() - child.startedAt > 1000) child.send({ type: 'rebalance', share });
  }

  private fill(slot: number): void {
    if (this.over || slot >= this.wanted || this.waiting.has(slot) || this.active().some((child) => child.slot === slot)) return;
    const child = new Child(slot, this.settings, {
      serving: (serving) => this.dealer.add(serving),
      exited: (gone, how) => this.exited(gone, how),
    });
    this.children.add(child);
    this.sendRegistry(child);
  }

  private sendRegistry(child: Child): void {
    if (this.registry === undefined) return;
    for (const piece of splitRegistry(this.load, this.registry.file, this.registry.options)) child.send(piece);
  }

  private exited(child: Child, how: string): void {
    this.children.delete(child);
    this.dealer.remove(child);
    this.tally.keep(child);
    if (child.state === 'retiring' || this.over) return;
    const crashes = performance.now() - child.startedAt > settledMs ? 0 : (this.crashes.get(child.slot) ?? 0);
    this.crashes.set(child.slot, crashes + 1);
    const waitMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** crashes);
    this.log('error', 'a serving process died and is replaced', { slot: child.slot, pid: child.pid, how, waitMs });
    this.waiting.add(child.slot);
    setTimeout(() => {
      this.waiting.delete(child.slot);
      this.fill(child.slot);
    }, waitMs);
  }
}

function sameKnobs(a: Knobs, b: Knobs): boolean {
  return a.inflight === b.inflight && a.queue === b.queue && a.objectiveMs === b.objectiveMs;
}
