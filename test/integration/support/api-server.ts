/** etcd and kube-apiserver: their flags, and when they are ready. @module */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificates } from './certificates.ts';
import { type GuardedProcess, startGuarded, tail } from './guarded-process.ts';

/** etcd listens on Unix sockets of this name in its working directory: no port to collide on, no other user who can reach it. */
const etcdClients = 'unix://localhost:2379';
const etcdPeers = 'unix://localhost:2380';

const readyDeadlineMs = 90_000;
const pollMs = 50;

const etcdFlags = [
  '--name=test',
  '--data-dir=etcd-data',
  '--unsafe-no-fsync',
  `--listen-client-urls=${etcdClients}`,
  `--advertise-client-urls=${etcdClients}`,
  `--listen-peer-urls=${etcdPeers}`,
  `--initial-advertise-peer-urls=${etcdPeers}`,
  `--initial-cluster=test=${etcdPeers}`,
  '--log-level=warn',
];

/**
 * As envtest starts it, with RBAC. ServiceAccount admission is off: without kube-controller-manager no namespace has a default
 * service account, and every pod would be refused for that.
 */
const apiServerFlags = (port: number): string[] => [
  `--etcd-servers=${etcdClients}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  '--endpoint-reconciler-type=none',
  '--tls-cert-file=server.crt',
  '--tls-private-key-file=server.key',
  '--client-ca-file=ca.crt',
  '--authorization-mode=Node,RBAC',
  '--disable-admission-plugins=ServiceAccount',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-account-key-file=sa.pub',
  '--service-account-signing-key-file=sa.key',
  '--service-cluster-ip-range=10.0.0.0/24',
  // Without it a SIGTERM waits a minute for open watches; with it two seconds after the last short request.
  '--shutdown-send-retry-after=true',
];

/** Starts etcd with its data in the folder, which is deleted when this process dies. */
export const startEtcd = (program: string, folder: string): Promise<GuardedProcess> =>
  startGuarded(program, etcdFlags, { cwd: folder, logFile: join(folder, 'etcd.log'), scratch: folder });

/** Starts kube-apiserver in the folder that holds its certificates and etcd's sockets. */
export const startApiServer = (program: string, folder: string, port: number, moreFlags: readonly string[]): Promise<GuardedProcess> =>
  startGuarded(program, [...apiServerFlags(port), ...moreFlags], { cwd: folder, logFile: join(folder, 'kube-apiserver.log') });

const statusOf = (url: string, { ca, admin }: Certificates): Promise<number> =>
  new Promise((resolve) => {
    const call = request(url, { ca: ca.cert, key: admin.key, cert: admin.cert, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', () => resolve(0));
    call.on('timeout', () => call.destroy());
    call.end();
  });

/** The namespace `default` is made by a loop that /readyz does not wait for. */
const readyPaths = ['/readyz', '/api/v1/namespaces/default'];

/** Waits until the server answers everything with 200. @throws with the end of its log when it ends before that, or takes 90 s. */
export const untilReady = async (url: string, certificates: Certificates, server: GuardedProcess, folder: string): Promise<void> => {
  const giveUpAt = performance.now() + readyDeadlineMs;
  for (const path of readyPaths) {
    while ((await statusOf(url + path, certificates)) !== 200) {
      if (!server.isRunning() || performance.now() > giveUpAt) {
        const what = server.isRunning() ? `was not ready after ${readyDeadlineMs / 1000} s` : 'ended before it was ready';
        throw new Error(`kube-apiserver ${what}; the end of its log:\n${tail(join(folder, 'kube-apiserver.log'))}`);
      }
      await delay(pollMs);
    }
  }
};

/** Whether the log tells that somebody else was faster at taking the port. */
export const lostPort = async (folder: string): Promise<boolean> =>
  (await readFile(join(folder, 'kube-apiserver.log'), 'utf8')).includes('address already in use');
