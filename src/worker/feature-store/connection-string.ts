/**
 * Feast's Redis `connection_string`: `host:port[,host:port…][,name=value…]`, whose parameters Feast hands to redis-py.
 * No message holds a value, since any piece may be part of a password.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { RedisNode, RedisTls } from '../store/store-config.ts';
import { missingVariables } from './environment.ts';

/** What the text says, or sentences that tell what is wrong with it. */
export interface ConnectionString {
  readonly nodes: readonly RedisNode[];
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: RedisTls | undefined;
  readonly problems: readonly string[];
}

/** Parameters of redis-py that change how Python holds its connections and nothing in what is read. */
const harmless = new Set([
  'socket_timeout', 'socket_connect_timeout', 'socket_keepalive', 'socket_read_size', 'client_name', 'lib_name', 'lib_version', 'max_connections', 'health_check_interval',
  'retry_on_timeout', 'single_connection_client', 'encoding', 'encoding_errors', 'protocol', 'skip_full_coverage_check', 'require_full_coverage', 'read_from_replicas',
  'dynamic_startup_nodes', 'reinitialize_steps', 'cluster_error_retry_attempts', 'min_other_sentinels', 'host', 'port',
]);

/**
 * Takes a connection string apart.
 *
 * @param folder of the feature_store.yaml: certificates with a relative path are looked for there
 */
export const parseConnectionString = (text: string, folder: string): ConnectionString => {
  if (/^[a-z]+:\/\//i.test(text)) return nothing('is a URL, which Feast does not read; write host:port,password=…,ssl=true');
  const missing = missingVariables(text);
  if (missing.length > 0) return nothing(`names the environment variable ${missing.join(', ')}, which is not set; set it for this process`);
  const pieces = text.split(',');
  const problems: string[] = [];
  const nodes = pieces.filter((piece) => !piece.includes('=')).map((piece) => parseNode(piece, problems)).filter((node) => node !== undefined);
  const parameters = new Parameters(pieces.filter((piece) => piece.includes('=')), problems);
  if (nodes.length === 0 && problems.length === 0) problems.push('names no host:port; begin with one, such as redis:6379');
  const db = parameters.database();
  const tls = parameters.tls(folder);
  return { nodes, db, username: parameters.take('username'), password: parameters.take('password'), tls, problems: [...problems, ...parameters.unknown()] };
};

const nothing = (problem: string): ConnectionString => ({ nodes: [], db: 0, username: undefined, password: undefined, tls: undefined, problems: [problem] });

const parseNode = (piece: string, problems: string[]): RedisNode | undefined => {
  const [, host, port] = /^\s*([A-Za-z0-9._-]+):(\d{1,5})\s*$/.exec(piece) ?? [];
  if (host !== undefined && Number(port) > 0 && Number(port) < 65_536) return { host, port: Number(port) };
  problems.push('has a piece that is neither host:port nor name=value; write each host with its port (a comma inside a password cannot be written here)');
  return undefined;
};

/** The `name=value` pieces; the last one of a name counts, as in Feast. */
class Parameters {
  readonly #values: Map<string, string>;
  readonly #problems: string[];
  readonly #taken = new Set<string>();

  constructor(pieces: readonly string[], problems: string[]) {
    this.#values = new Map(pieces.map((piece) => [piece.slice(0, piece.indexOf('=')), unquote(piece.slice(piece.indexOf('=') + 1))]));
    this.#problems = problems;
  }

  /** A value; undefined when it is not there, or is JSON's null. */
  take(name: string): string | undefined {
    this.#taken.add(name);
    const value = this.#values.get(name);
    return value === 'null' ? undefined : value;
  }

  database(): number {
    const text = this.take('db') ?? '0';
    if (/^\d{1,9}$/.test(text)) return Number(text);
    this.#problems.push('has a `db` that is no whole number; write db=0');
    return 0;
  }

  tls(folder: string): RedisTls | undefined {
    const wanted = this.#flag('ssl', false);
    const requirement = this.#values.has('ssl_cert_reqs') ? (this.take('ssl_cert_reqs') ?? 'none') : 'required';
    const checkHostname = this.#flag('ssl_check_hostname', true);
    const [caFile, certFile, keyFile] = [this.take('ssl_ca_certs'), this.take('ssl_certfile'), this.take('ssl_keyfile')].map((path) => (path === undefined ? path : resolve(folder, path)));
    if (!['none', 'optional', 'required'].includes(requirement)) this.#problems.push('has an `ssl_cert_reqs` other than none, optional or required; write one of them');
    if (!wanted) return undefined;
    const verify = requirement !== 'none';
    return { verify, checkHostname: verify && checkHostname, caFile, certFile, keyFile };
  }

  /** A sentence for each parameter that would be left without effect though it matters. */
  unknown(): string[] {
    return [...this.#values.keys()]
      .filter((name) => !this.#taken.has(name) && !harmless.has(name))
      .map((name) => `has the parameter \`${printable(name)}\`, which this server does not honour; remove it`);
  }

  #flag(name: string, fallback: boolean): boolean {
    const text = this.take(name)?.toLowerCase();
    if (text === undefined) return fallback;
    if (text !== 'true' && text !== 'false') this.#problems.push(`has a \`${name}\` that is neither true nor false; write one of them`);
    return text === 'true';
  }
}

/** Feast reads a value as JSON where it is JSON: quotes around a text are not part of it. */
const unquote = (text: string): string => {
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
};

/** A name that looks like one; anything else may be half a password with a comma and an equals sign in it. */
const printable = (name: string): string => (/^[a-z][a-z_]{1,40}$/.test(name) ? name : '…');
