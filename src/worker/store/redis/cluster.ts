/**
 * The masters of a Redis cluster: a connection to each, and who has which slots. The layout is asked for at start, when a server
 * sends a key elsewhere, while one cannot be read, and every half minute.
 *
 * @module
 */
import { errorMessage } from '../../error-message.ts';
import { StoreUnavailable } from '../online-store.ts';
import type { RedisNode, RedisStoreConfig } from '../store-config.ts';
import { askLayout } from './cluster-layout.ts';
import type { ClusterLayout } from './cluster-layout.ts';
import { keySlot } from './key-slot.ts';
import { RedisLink } from './link.ts';
import { nodeOptions } from './link-options.ts';
import type { Nodes } from './nodes.ts';
import type { LinkSetting } from './open-redis.ts';

const refreshMs = 30_000;
/** Between two questions, at least. */
const restMs = 500;
/** How long a server that has no slots any more may go on answering what it was asked. */
const lingerMs = 5_000;
const shortestAskMs = 1_000;

export class Cluster implements Nodes {
  private readonly config: RedisStoreConfig;
  private readonly setting: LinkSetting;
  private readonly links = new Map<string, RedisLink>();
  /** When a server was last named by another one, by its name. */
  private readonly namedAt = new Map<string, number>();
  private layout: ClusterLayout | undefined;
  private owners: readonly RedisLink[] = [];
  private layoutProblem: string | undefined;
  private wanted = true;
  private askedAt: number;
  private asking = false;
  private closed = false;
  private readonly timer: NodeJS.Timeout;

  constructor(config: RedisStoreConfig, setting: LinkSetting) {
    this.config = config;
    this.setting = setting;
    this.layoutProblem = `the cluster at ${config.nodes.map(nameOf).join(', ')} has not been reached yet`;
    this.askedAt = setting.now() - refreshMs;
    this.timer = setInterval(() => this.refreshIfDue(), restMs);
    this.timer.unref();
    this.refreshIfDue();
  }

  get problem(): string | undefined {
    return this.owners.find((link) => link.problem !== undefined)?.problem ?? this.layoutProblem;
  }

  get isReached(): boolean {
    return this.layout !== undefined && this.owners.every((link) => link.problem === undefined);
  }

  linkFor(entityKey: Buffer, project: Buffer): RedisLink {
    const slot = keySlot(Buffer.concat([entityKey, project]));
    const owner = this.layout?.owner[slot] ?? -1;
    const link = this.owners[owner];
    if (link !== undefined) return link;
    this.wanted = true;
    throw new StoreUnavailable(this.layoutProblem ?? `no server of the cluster has slot ${slot}`);
  }

  redirected(host: string, port: number, from: RedisLink): RedisLink {
    this.wanted = true;
    // A node that does not know its own address leaves it out.
    const node = { host: host === '' ? from.name.slice(0, from.name.lastIndexOf(':')) : host, port };
    this.namedAt.set(nameOf(node), this.setting.now());
    return this.linkTo(node);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const link of this.links.values()) link.close();
  }

  private refreshIfDue(): void {
    const now = this.setting.now();
    const due = this.wanted || !this.isReached || now - this.askedAt >= refreshMs;
    if (!due || this.asking || this.closed) return;
    this.asking = true;
    this.wanted = false;
    this.askedAt = now;
    void this.refresh().finally(() => (this.asking = false));
  }

  /** Asks one node after the other: those that answer first, then those that the user has named. */
  private async refresh(): Promise<void> {
    const timeoutMs = Math.max(shortestAskMs, this.setting.timeoutMs);
    for (const node of this.candidates()) {
      try {
        const layout = await askLayout(nodeOptions(this.config, node), node, timeoutMs);
        if (!this.closed) this.take(layout);
        return;
      } catch (error) {
        // The masters that are known may well go on answering.
        if (this.layout === undefined) this.layoutProblem = `online store: the cluster's node ${nameOf(node)} cannot be asked for its slots: ${errorMessage(error)}`;
      }
    }
  }

  private candidates(): RedisNode[] {
    const masters = this.layout?.masters ?? [];
    const known = masters.filter((node) => this.links.get(nameOf(node))?.isReady === true);
    const all = [...known, ...this.config.nodes, ...masters];
    return [...new Map(all.map((node) => [nameOf(node), node])).values()];
  }

  private take(layout: ClusterLayout): void {
    this.owners = layout.masters.map((node) => this.linkTo(node));
    this.layout = layout;
    this.layoutProblem = holeIn(layout);
    const names = new Set(layout.masters.map(nameOf));
    for (const [name, link] of this.links) {
      // While its first slot is on its way, a server is asked and has none.
      if (names.has(name) || this.setting.now() - (this.namedAt.get(name) ?? -Infinity) < refreshMs) continue;
      this.links.delete(name);
      this.namedAt.delete(name);
      setTimeout(() => link.close(), lingerMs).unref();
    }
  }

  private linkTo(node: RedisNode): RedisLink {
    const name = nameOf(node);
    let link = this.links.get(name);
    if (link === undefined) {
      link = new RedisLink({ ...this.setting, options: () => nodeOptions(this.config, node), db: 0, name });
      this.links.set(name, link);
    }
    return link;
  }
}

/** Slots without a server, which a cluster leaves open that need not have full coverage. */
const holeIn = ({ owner }: ClusterLayout): string | undefined => {
  const first = owner.indexOf(-1);
  if (first < 0) return undefined;
  const missing = owner.reduce((count, index) => (index < 0 ? count + 1 : count), 0);
  return `online store: no server of the cluster has ${missing} of its slots (the first is ${first}): what lies there cannot be read; repair the cluster`;
};

const nameOf = ({ host, port }: RedisNode): string => `${host}:${port}`;
