/**
 * Connection pools and credentials of one API server.
 *
 * client-node builds a new undici Agent, and so a new TLS connection, for each call. Here the pools are kept until the
 * CA, certificate or key really changes.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { Agent, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Clock } from '../runtime/ports.ts';
import type { KubeConnection, TlsSettings } from './load-kube-config.ts';

/** How long credentials are used before files and helpers are asked again, ms. A token file is rotated long before it expires. */
const CREDENTIALS_MS = 10_000;

interface Pools {
  readonly fingerprint: string;
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

interface Credentials {
  readonly headers: Record<string, string>;
  readonly pools: Pools;
  readonly untilMs: number;
}

export interface ConnectionsOptions {
  readonly clock: Clock;
  readonly maxConnections: number;
}

export class Connections {
  readonly #connection: KubeConnection;
  readonly #options: ConnectionsOptions;
  #credentials: Credentials | undefined;
  #loading: Promise<Credentials> | undefined;
  #pools: Pools | undefined;
  #closed = false;

  constructor(connection: KubeConnection, options: ConnectionsOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** The pool to use now, and the headers that say who we are. Watches have a pool of their own, or long streams would take the places of writes. */
  async current(pool: 'requests' | 'watches'): Promise<{ dispatcher: Dispatcher; headers: Record<string, string> }> {
    if (this.#closed) throw new Error('this client was closed');
    let credentials = this.#credentials;
    if (credentials === undefined || this.#options.clock.monotonicMs() >= credentials.untilMs) {
      this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
      credentials = await this.#loading;
    }
    return { dispatcher: credentials.pools[pool], headers: credentials.headers };
  }

  /** After a 401: forgets the credentials so that the next call reads them anew. False when they were read just now. */
  renewCredentials(): boolean {
    const readAgoMs = this.#options.clock.monotonicMs() - ((this.#credentials?.untilMs ?? 0) - CREDENTIALS_MS);
    if (this.#credentials === undefined || readAgoMs < CREDENTIALS_MS / 10) return false;
    this.#credentials = undefined;
    return true;
  }

  /** Ends all connections at once; later calls are refused. Waits for no credential helper, which may hang. */
  async close(): Promise<void> {
    this.#closed = true;
    const pools = this.#pools;
    this.#pools = undefined;
    this.#credentials = undefined;
    await Promise.all([pools?.requests.destroy(), pools?.watches.destroy()]);
  }

  async #load(): Promise<Credentials> {
    const { tls, headers } = await this.#connection.authenticate();
    if (this.#closed) throw new Error('this client was closed');
    const fingerprint = fingerprintOf(tls);
    if (this.#pools?.fingerprint !== fingerprint) {
      // Requests and watches under way end in their own time on the old connections.
      const old = this.#pools;
      this.#pools = this.#open(tls, fingerprint);
      void old?.requests.close();
      void old?.watches.close();
    }
    this.#credentials = { headers, pools: this.#pools, untilMs: this.#options.clock.monotonicMs() + CREDENTIALS_MS };
    return this.#credentials;
  }

  #open(tls: TlsSettings, fingerprint: string): Pools {
    const make = (connections: number | null): Dispatcher => createDispatcher(this.#connection, tls, connections);
    return { fingerprint, requests: make(this.#options.maxConnections), watches: make(null) };
  }
}

/** HTTP/1.1 on purpose: one stalled HTTP/2 connection would stall every watch and write at once. */
const createDispatcher = (connection: KubeConnection, tls: TlsSettings, connections: number | null): Dispatcher => {
  const { proxyUrl, source } = connection;
  const common = { allowH2: false, pipelining: 1, connections };
  // 30 s as client-go: the default of 60 s races with the idle timeout of common load balancers.
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: 30_000 };
  if (proxyUrl === undefined) return new Agent({ ...common, connect: { ...tls, ...keepAlive } });
  if (!/^https?:/.test(proxyUrl)) throw new Error(`${source}: the proxy-url must be http or https; SOCKS proxies are not supported`);
  return new ProxyAgent({ ...common, uri: proxyUrl, requestTls: { ...tls }, connect: keepAlive });
};

const fingerprintOf = (tls: TlsSettings): string => {
  const hash = createHash('sha256');
  for (const [name, value] of Object.entries(tls)) hash.update(`${name}=`).update(Buffer.isBuffer(value) ? value : String(value)).update('\0');
  return hash.digest('hex');
};
