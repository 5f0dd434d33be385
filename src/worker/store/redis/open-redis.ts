/**
 * Opens a Redis store of any shape.
 *
 * @module
 */
import { StoreUnavailable } from '../online-store.ts';
import { describeStore } from '../store-config.ts';
import type { RedisStoreConfig } from '../store-config.ts';
import { Cluster } from './cluster.ts';
import { RedisLink } from './link.ts';
import type { LinkInput, LinkOptions } from './link.ts';
import { nodeOptions, sentinelOptions } from './link-options.ts';
import type { Nodes } from './nodes.ts';
import { RedisStore } from './redis-store.ts';

/** What is the same for all connections of a process. */
export type LinkSetting = Pick<LinkInput, 'timeoutMs' | 'now' | 'random' | 'beforeReading'>;

export interface RedisStoreInput extends LinkSetting {
  readonly config: RedisStoreConfig;
  readonly project: string;
  readonly missingIsPresent: boolean;
}

/** Begins to connect, and answers reads once that has succeeded. */
export function openRedisStore({ config, project, missingIsPresent, ...setting }: RedisStoreInput): RedisStore {
  return new RedisStore(openNodes(config, setting), project, missingIsPresent);
}

function openNodes(config: RedisStoreConfig, setting: LinkSetting): Nodes {
  if (config.topology === 'cluster') return new Cluster(config, setting);
  const [first] = config.nodes;
  const options = (): LinkOptions => (config.topology === 'sentinel' || first === undefined ? sentinelOptions(config) : nodeOptions(config, first));
  return new SingleServer(new RedisLink({ ...setting, options, db: config.db, name: describeStore(config) }));
}

class SingleServer implements Nodes {
  private readonly link: RedisLink;

  constructor(link: RedisLink) {
    this.link = link;
  }

  get problem(): string | undefined {
    return this.link.problem;
  }

  get isReached(): boolean {
    return this.link.problem === undefined;
  }

  linkFor(): RedisLink {
    return this.link;
  }

  redirected(host: string, port: number): RedisLink {
    this.link.refuses(`MOVED to ${host}:${port}`, 'it is a node of a cluster; set redis_type: redis_cluster');
    throw new StoreUnavailable(this.link.problem ?? 'the server is a node of a cluster');
  }

  close(): void {
    this.link.close();
  }
}
