/**
 * From a store's configuration to the library's options for one connection.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { RedisNode, RedisStoreConfig, RedisTls } from '../store-config.ts';
import type { LinkOptions } from './link.ts';

/** What clients call themselves: `CLIENT LIST` shows it. */
const connectionName = 'plateau';

/** Options of a connection to a node. Certificates are read from their files now. @throws Error when a file cannot be read */
export function nodeOptions(config: RedisStoreConfig, { host, port }: RedisNode): LinkOptions {
  return { ...common(config), host, port };
}

/** Options of a connection to the master that the sentinels name. @throws Error when a file cannot be read */
export function sentinelOptions(config: RedisStoreConfig): LinkOptions {
  const tls = config.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: readTls(config.tls) };
  return { ...common(config), sentinels: config.nodes.map(({ host, port }) => ({ host, port })), name: config.sentinelMaster ?? 'mymaster', ...tls };
}

function common({ username, password, tls }: RedisStoreConfig): LinkOptions {
  return {
    connectionName,
    ...(password === undefined ? {} : { password, ...(username === undefined ? {} : { username }) }),
    ...(tls === undefined ? {} : { tls: readTls(tls) }),
  };
}

function readTls({ caFile, certFile, keyFile, verify, checkHostname }: RedisTls): ConnectionOptions {
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    rejectUnauthorized: verify,
    ...(checkHostname === false ? { checkServerIdentity: () => undefined } : {}),
  };
}
