/**
 * The embedded API server: what a fleet on one machine needs of Kubernetes, in memory, over HTTPS on loopback.
 * It is there for the local run. Its scope is a closed list (docs and test/contract); it never stands in for a real one in a claim.
 *
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { stringify } from 'yaml';
import type { ApiClient } from '../../runtime/ports.ts';
import { makeServerCertificate } from './certificates.ts';
import { createDirectClient } from './client.ts';
import type { EngineParts, WriteContext } from './engine/context.ts';
import { createObject } from './engine/create.ts';
import { startControllers } from './engine/controllers.ts';
import { listenHttps } from './http/server.ts';
import { requireKind, createKindRegistry } from './kinds/registry.ts';
import { shippedKinds } from './kinds/shipped.ts';
import { withEventVersions } from './storage/event-versions.ts';
import { createStorage } from './storage/storage.ts';

export interface ApiServerOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** The bearer token that clients must send; absent: a random one. */
  readonly token?: string;
  /** Changes that each kind remembers for watches; beyond them a watch gets 410. */
  readonly historyLength?: number;
  /** Wall clock, ms since the epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1), for generated names. */
  readonly random?: () => number;
}

export interface ApiServer {
  readonly url: string;
  readonly token: string;
  readonly caPem: string;
  /** A kubeconfig file as text. It holds the token: write it where only its owner can read it. */
  kubeconfig(): string;
  /** Ends all watches and closes the port. */
  stop(): Promise<void>;
  /** The same objects without HTTP, for what runs in this process. */
  readonly client: ApiClient;
}

const defaultHistoryLength = 4096;
const initialNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const bootContext: WriteContext = { manager: 'plateau-local', dryRun: false, subresource: '', unknownFields: 'Strict', warnings: [] };

const createNamespaces = (parts: EngineParts): void => {
  const namespaces = requireKind(parts.kinds, { group: '', version: 'v1', plural: 'namespaces' });
  for (const name of initialNamespaces) {
    createObject(parts, namespaces, { target: { namespace: '', name: '' }, body: { metadata: { name } } }, bootContext);
  }
};

const kubeconfigText = (url: string, caPem: string, token: string): string => {
  const name = 'plateau-local';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  });
};

/**
 * Starts a server on 127.0.0.1 with a certificate of its own.
 *
 * @throws when the port is taken (`EADDRINUSE`).
 */
export const startApiServer = async (options: ApiServerOptions = {}): Promise<ApiServer> => {
  const now = options.now ?? Date.now;
  const token = options.token ?? randomBytes(32).toString('base64url');
  const parts: EngineParts = {
    storage: withEventVersions(createStorage({ historyLength: options.historyLength ?? defaultHistoryLength })),
    kinds: createKindRegistry(shippedKinds()),
    now,
    newUid: randomUUID,
    random: options.random ?? Math.random,
  };
  const stopControllers = startControllers(parts);
  createNamespaces(parts);
  const { caPem, certPem, keyPem } = await makeServerCertificate(now());
  const https = await listenHttps(parts, { certPem, keyPem, token, port: options.port ?? 0 });
  const url = `https://127.0.0.1:${https.port}`;
  return {
    url,
    token,
    caPem,
    kubeconfig: () => kubeconfigText(url, caPem, token),
    client: createDirectClient(parts),
    stop: async () => {
      stopControllers();
      await https.close();
    },
  };
};
