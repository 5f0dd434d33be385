/**
 * The servers that hold a project's hashes: one, or the masters of a cluster.
 *
 * @module
 */
import type { RedisLink } from './link.ts';

export interface Nodes {
  /**
   * The connection to the server that has a key.
   * @throws StoreUnavailable when none is known
   */
  linkFor: (entityKey: Buffer, project: Buffer) => RedisLink;
  /**
   * A server has told that another one has a key.
   * @throws StoreUnavailable when that cannot be
   */
  redirected: (host: string, port: number, from: RedisLink) => RedisLink;
  /** Why some features cannot be read now. */
  readonly problem: string | undefined;
  /** Whether all servers that are known answer. */
  readonly isReached: boolean;
  close: () => void;
}
