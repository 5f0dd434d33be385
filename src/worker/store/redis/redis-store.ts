/**
 * The online store in Redis, in Feast's layout: one pipeline a request for each server that is concerned.
 *
 * @module
 */
import type { OnlineStore, ViewFound, ViewRead } from '../online-store.ts';
import { StoreUnavailable } from '../online-store.ts';
import { groupReads } from './hash-read.ts';
import type { HashRead } from './hash-read.ts';
import { sendKeyReads } from './key-reads.ts';
import type { KeyRead, Redirection } from './key-reads.ts';
import type { RedisLink } from './link.ts';
import type { Nodes } from './nodes.ts';

/** A key is asked for at most so often: where the slots are said to be, where the first answer points, and once more while slots move. */
const mostHops = 3;

export class RedisStore implements OnlineStore {
  readonly missingIsPresent: boolean;
  private readonly nodes: Nodes;
  private readonly project: Buffer;

  /** @param missingIsPresent whether entities that are not there are answered as Feast does it */
  constructor(nodes: Nodes, project: string, missingIsPresent: boolean) {
    this.nodes = nodes;
    this.project = Buffer.from(project, 'utf8');
    this.missingIsPresent = missingIsPresent;
  }

  get problem(): string | undefined {
    return this.nodes.problem;
  }

  get isReached(): boolean {
    return this.nodes.isReached;
  }

  read(reads: readonly ViewRead[]): readonly ViewFound[] | Promise<readonly ViewFound[]> {
    const { hashes, found } = groupReads(reads, this.project);
    const perLink = this.deal(hashes);
    if (perLink.size === 0) return found;
    return new Promise((resolve, reject) => {
      new StoreRead(this.nodes, { done: () => resolve(found), failed: reject }).send(perLink);
    });
  }

  close(): void {
    this.nodes.close();
  }

  private deal(hashes: readonly HashRead[]): Map<RedisLink, KeyRead[]> {
    const perLink = new Map<RedisLink, KeyRead[]>();
    for (const hash of hashes) {
      for (const [index, key] of hash.keys.entries()) {
        const link = this.nodes.linkFor(key, this.project);
        const reads = perLink.get(link);
        if (reads === undefined) perLink.set(link, [{ hash, key: index }]);
        else reads.push({ hash, key: index });
      }
    }
    return perLink;
  }
}

interface Outcome {
  done: () => void;
  failed: (error: Error) => void;
}

/** One request's reads, over all servers and redirections. The first failure is the request's. */
class StoreRead {
  private readonly nodes: Nodes;
  private readonly outcome: Outcome;
  private open = 0;
  private over = false;

  constructor(nodes: Nodes, outcome: Outcome) {
    this.nodes = nodes;
    this.outcome = outcome;
  }

  send(perLink: ReadonlyMap<RedisLink, readonly KeyRead[]>): void {
    this.open += perLink.size;
    for (const [link, reads] of perLink) this.sendTo(link, reads, 1, false);
  }

  private sendTo(link: RedisLink, reads: readonly KeyRead[], hop: number, ask: boolean): void {
    try {
      sendKeyReads(link, reads, { done: (redirections) => this.part(link, redirections, hop), failed: (error) => this.fail(error) }, ask);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private part(link: RedisLink, redirections: readonly Redirection[], hop: number): void {
    if (this.over) return;
    try {
      this.follow(link, redirections, hop);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.open--;
    if (this.open === 0) this.settle(() => this.outcome.done());
  }

  private follow(from: RedisLink, redirections: readonly Redirection[], hop: number): void {
    const groups = new Map<string, { link: RedisLink; ask: boolean; reads: KeyRead[] }>();
    for (const { read, to } of redirections) {
      if (hop >= mostHops) throw new StoreUnavailable(`${from.name} sends a key to ${to.host}:${to.port}, and that one away again`);
      const name = `${to.kind} ${to.host}:${to.port}`;
      const group = groups.get(name) ?? { link: this.nodes.redirected(to.host, to.port, from), ask: to.kind === 'ask', reads: [] };
      groups.set(name, group);
      group.reads.push(read);
    }
    this.open += groups.size;
    for (const { link, ask, reads } of groups.values()) void this.sendOn(link, reads, hop + 1, ask);
  }

  /** A server that a slot has just come to may not be connected yet. */
  private async sendOn(link: RedisLink, reads: readonly KeyRead[], hop: number, ask: boolean): Promise<void> {
    await link.readyOrLate();
    if (!this.over) this.sendTo(link, reads, hop, ask);
  }

  private fail(error: Error): void {
    this.settle(() => this.outcome.failed(error));
  }

  private settle(tell: () => void): void {
    if (this.over) return;
    this.over = true;
    tell();
  }
}
