/**
 * A real control plane on loopback: etcd and kube-apiserver, which end with this process.
 *
 * @module
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { errorCode } from '../error-code.ts';
import { startGuarded, stopGuarded } from '../process/guard.ts';
import type { GuardedProcess } from '../process/guard.ts';

export interface Binaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
}

export interface RealApiServer {
  readonly url: string;
  /** A kubeconfig as text; it holds the token of a member of system:masters. */
  kubeconfig(): string;
  readonly groups: readonly number[];
  /** Resolves when one of the two has ended, with what it printed last. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

/** A process of the control plane has ended instead of serving. */
export class RealApiServerError extends Error {
  override readonly name = 'RealApiServerError';
}

const certificateWithinMs = 60_000;
const stopWithinMs = 5_000;
const user = 'plateau-local';

/**
 * Starts etcd and kube-apiserver. Resolves when kube-apiserver has made its certificate, which is before it serves.
 *
 * @param port of kube-apiserver; 0 takes a free one
 * @param folder for data, keys and logs
 * @throws RealApiServerError when one of them ends, or an Error with code EADDRINUSE when the port is taken
 */
export const startEtcdAndApiServer = async (binaries: Binaries, port: number, folder: string): Promise<RealApiServer> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [clientPort, peerPort, securePort] = await takePorts([0, 0, port]);
  const token = randomBytes(32).toString('base64url');
  writeKeys(folder, token);
  const etcd = new Server(binaries.etcd, etcdFlags(folder, clientPort, peerPort), join(folder, 'etcd.log'));
  const apiServer = new Server(binaries.kubeApiserver, apiServerFlags(folder, clientPort, securePort), join(folder, 'kube-apiserver.log'));
  const failed = Promise.race([etcd.failed, apiServer.failed]);
  const stop = async (): Promise<void> => {
    await apiServer.stop();
    await etcd.stop();
  };
  try {
    const certificate = await untilCertificate(join(folder, 'certificates', 'apiserver.crt'), failed);
    const url = `https://127.0.0.1:${securePort}`;
    return { url, groups: [etcd.group, apiServer.group], failed, stop, kubeconfig: () => kubeconfigText(url, certificate, token) };
  } catch (error) {
    await stop();
    throw error;
  }
};

const takePorts = async (wanted: readonly [number, number, number]): Promise<[number, number, number]> => {
  // All are held at once, so that no two are the same.
  const servers = await Promise.all(wanted.map(listen));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [client = 0, peer = 0, secure = 0] = ports;
  return [client, peer, secure];
};

const listen = (port: number): Promise<ReturnType<typeof createServer>> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

const writeKeys = (folder: string, token: string): void => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  writeFileSync(join(folder, 'service-accounts.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'service-accounts.pub'), publicKey, { mode: 0o600 });
  writeFileSync(join(folder, 'tokens.csv'), `${token},${user},1,"system:masters"\n`, { mode: 0o600 });
};

const etcdFlags = (folder: string, clientPort: number, peerPort: number): string[] => {
  const client = `http://127.0.0.1:${clientPort}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    // The data do not outlive the run.
    '--unsafe-no-fsync',
  ];
};

const apiServerFlags = (folder: string, etcdPort: number, port: number): string[] => [
  `--etcd-servers=http://127.0.0.1:${etcdPort}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  `--cert-dir=${join(folder, 'certificates')}`,
  '--authorization-mode=RBAC',
  `--token-auth-file=${join(folder, 'tokens.csv')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(folder, 'service-accounts.pub')}`,
  `--service-account-signing-key-file=${join(folder, 'service-accounts.key')}`,
  '--service-cluster-ip-range=10.0.0.0/24',
];

const untilCertificate = async (path: string, failed: Promise<string>): Promise<Buffer> => {
  let failure: string | undefined;
  void failed.then((message) => {
    failure = message;
    return message;
  });
  for (const deadline = Date.now() + certificateWithinMs; Date.now() < deadline; ) {
    if (failure !== undefined) throw new RealApiServerError(failure);
    try {
      return readFileSync(path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new RealApiServerError(`kube-apiserver did not start within ${certificateWithinMs / 1000} s`);
};

const kubeconfigText = (server: string, certificate: Buffer, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: user, cluster: { server, 'certificate-authority-data': certificate.toString('base64') } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: user, context: { cluster: user, user, namespace: 'default' } }],
    'current-context': user,
  });

/** One of the two processes. */
class Server {
  readonly failed: Promise<string>;
  readonly #process: GuardedProcess;
  #stopping = false;

  constructor(binary: string, flags: readonly string[], logFile: string) {
    this.#process = startGuarded({ argv: [binary, ...flags], env: { PATH: process.env['PATH'] ?? '' } });
    const log = createWriteStream(logFile, { mode: 0o600 });
    log.on('error', () => undefined);
    let last = '';
    for (const stream of [this.#process.child.stdout, this.#process.child.stderr]) {
      stream?.pipe(log, { end: false });
      stream?.on('data', (chunk: Buffer) => {
        last = chunk.toString('utf8').trim().split('\n').at(-1)?.slice(0, 300) ?? last;
      });
    }
    this.failed = new Promise((resolve) => {
      void this.#process.ended.then(({ code }) => {
        if (!this.#stopping) resolve(`${binary} ended with exit code ${code}: ${last} (log: ${logFile})`);
        return code;
      });
    });
  }

  get group(): number {
    return this.#process.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await stopGuarded(this.#process, stopWithinMs);
  }
}
