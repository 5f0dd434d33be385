/**
 * Which online store a project has, as far as a serving process must know to open it. Travels as JSON.
 *
 * @module
 */

export interface SqliteStoreConfig {
  readonly type: 'sqlite';
  /** Absolute path of the file. */
  readonly path: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Files are read at each connection, so that renewed certificates count without a restart. */
export interface RedisTls {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** False takes any certificate: `ssl_cert_reqs=none`. */
  readonly verify: boolean;
  /** False takes a certificate with another name (`ssl_check_hostname=false`). Default: true. */
  readonly checkHostname?: boolean | undefined;
}

export interface RedisStoreConfig {
  readonly type: 'redis';
  readonly topology: 'single' | 'cluster' | 'sentinel';
  /** The server; or the nodes of the cluster to begin with; or the sentinels. */
  readonly nodes: readonly RedisNode[];
  readonly db: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: RedisTls | undefined;
  /** Name of the master that the sentinels know (`sentinel_master`). */
  readonly sentinelMaster?: string | undefined;
}

export type StoreConfig = SqliteStoreConfig | RedisStoreConfig;

/** The store's name in logs and on the admin port: without its secrets. */
export function describeStore(config: StoreConfig): string {
  if (config.type === 'sqlite') return config.path;
  const scheme = config.tls === undefined ? 'redis' : 'rediss';
  return `${scheme}://${config.nodes.map(({ host, port }) => `${host}:${port}`).join(',')}/${config.db}`;
}
