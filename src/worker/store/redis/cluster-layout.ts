/**
 * Who has which slots, as a cluster's node tells it.
 *
 * @module
 */
import { Redis } from 'ioredis';
import * as z from 'zod';
import type { RedisNode } from '../store-config.ts';
import type { LinkOptions } from './link.ts';
import { slots } from './key-slot.ts';

/** Masters, and for each slot the index of the one that has it, or -1. */
export interface ClusterLayout {
  readonly masters: readonly RedisNode[];
  readonly owner: Int16Array;
}

/** First and last slot, the master (host, port, more), its replicas. */
const range = z.tuple([z.number(), z.number(), z.tuple([z.string().nullable(), z.number()]).rest(z.unknown())]).rest(z.unknown());
const reply = z.array(range);

/**
 * Asks a node on a connection of its own, which is closed again.
 *
 * @throws Error when the node cannot be asked, or is no node of a cluster
 */
export async function askLayout(options: LinkOptions, node: RedisNode, timeoutMs: number): Promise<ClusterLayout> {
  const client = new Redis({ ...options, lazyConnect: true, protocol: 2, disableClientInfo: true, enableReadyCheck: false, maxRetriesPerRequest: 0, connectTimeout: timeoutMs, commandTimeout: timeoutMs, retryStrategy: () => null });
  let reason: unknown;
  client.on('error', (error: unknown) => (reason ??= error));
  const late = setTimeout(() => client.disconnect(), 2 * timeoutMs);
  try {
    await client.connect();
    return readLayout(await client.cluster('SLOTS'), node);
  } catch (error) {
    throw reason ?? error;
  } finally {
    clearTimeout(late);
    client.disconnect();
  }
}

/** @param asked the node that has answered; it may not know its own address */
export function readLayout(answer: unknown, asked: RedisNode): ClusterLayout {
  const ranges = reply.parse(answer);
  const masters: RedisNode[] = [];
  const owner = new Int16Array(slots).fill(-1);
  for (const [first, last, [host, port]] of ranges) {
    const node = { host: host === null || host === '' ? asked.host : host, port };
    let index = masters.findIndex((master) => master.host === node.host && master.port === node.port);
    if (index < 0) index = masters.push(node) - 1;
    owner.fill(index, Math.max(0, first), Math.min(slots, last + 1));
  }
  if (masters.length === 0) throw new Error('the cluster has no slots yet');
  return { masters, owner };
}
