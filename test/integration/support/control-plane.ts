/**
 * A real Kubernetes API for one test file: etcd and kube-apiserver, nothing else. No controller, scheduler or kubelet runs:
 * a Deployment makes no ReplicaSet and no pod, a deleted owner's children stay, a deleted namespace stays Terminating, endpoints
 * stay empty. A test that needs such a thing writes the object or its status itself. Admission, CEL, pruning, server-side apply,
 * watches and RBAC are the real ones.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assets, findAssets } from '../../../hack/kubernetes/assets.ts';
import { lostPort, startApiServer, startEtcd, untilReady } from './api-server.ts';
import { type Certificates, createCertificates } from './certificates.ts';
import type { GuardedProcess } from './guarded-process.ts';
import { type Kubectl, kubectlWith } from './kubectl.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { freePort } from './ports.ts';
import { type Rule, limitedUser } from './users.ts';
import { applyYaml, createNamespace, installCrds } from './objects.ts';

export interface ControlPlaneOptions {
  /** More flags for kube-apiserver, as in `--feature-gates=…`. */
  apiServerFlags?: readonly string[];
}

export interface ControlPlane {
  /** Of a user in system:masters. */
  readonly kubeconfigPath: string;
  /** `https://127.0.0.1:PORT`. */
  readonly url: string;
  readonly assets: Assets;
  /** Certificates, data and logs; deleted by stop(). */
  readonly folder: string;
  /** Process ids, for measuring; kube-apiserver's changes with each start. */
  readonly processIds: () => { etcd: number; kubeApiserver: number };
  readonly kubectl: Kubectl;
  /** Makes a namespace of a new name that begins with `prefix`, and returns the name. */
  readonly createNamespace: (prefix?: string) => Promise<string>;
  /** Server-side apply of one or more YAML documents. */
  readonly applyYaml: (yaml: string, namespace?: string) => Promise<string>;
  /** Applies all CustomResourceDefinitions of a file or folder (default: crds/) and waits until they are served. */
  readonly installCrds: (path?: string) => Promise<void>;
  /** A service account with just these rights in one namespace (or, without one, in the whole cluster); resolves with its kubeconfig. */
  readonly limitedUser: (rules: readonly Rule[], namespace?: string) => Promise<string>;
  /** SIGTERM lets it close its connections in order, SIGKILL cuts them; the data stay. */
  readonly stopApiServer: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** The same port, data and certificates; resolves when it is ready. */
  readonly startApiServer: () => Promise<void>;
  /** Ends all processes and deletes the data. May be called twice. */
  readonly stop: () => Promise<void>;
}

interface Running {
  assets: Assets;
  folder: string;
  port: number;
  url: string;
  certificates: Certificates;
  etcd: GuardedProcess;
  apiServer: GuardedProcess;
  flags: readonly string[];
}

const requireAssets = async (): Promise<Assets> => {
  const assets = await findAssets();
  if (!assets.found) throw new Error(assets.reason);
  return assets;
};

/** A port found free may be gone a moment later: then with another one. */
const startOnFreePort = async (base: Omit<Running, 'port' | 'url' | 'apiServer'>, attempts = 3): Promise<Running> => {
  const { assets, folder, certificates, flags } = base;
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const apiServer = await startApiServer(assets.kubeApiserver, folder, port, flags);
  try {
    await untilReady(url, certificates, apiServer, folder);
    return { ...base, port, url, apiServer };
  } catch (error) {
    await apiServer.stop('SIGKILL', 0);
    if (attempts > 1 && (await lostPort(folder))) return startOnFreePort(base, attempts - 1);
    throw error;
  }
};

const launch = async (flags: readonly string[]): Promise<Running> => {
  const assets = await requireAssets();
  const folder = await mkdtemp(join(tmpdir(), 'plateau-kubernetes-'));
  const etcd = await startEtcd(assets.etcd, folder);
  try {
    return await startOnFreePort({ assets, folder, etcd, flags, certificates: await createCertificates(folder) });
  } catch (error) {
    await etcd.stop('SIGKILL', 0);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
};

const stopServers = async ({ apiServer, etcd, folder }: Running): Promise<void> => {
  await Promise.all([apiServer.stop('SIGKILL', 0), etcd.stop('SIGKILL', 0)]);
  await rm(folder, { recursive: true, force: true });
};

/**
 * Starts etcd and kube-apiserver on loopback (1 to 4 s on an idle machine, about 290 MB) and waits until they are ready.
 * They end with this process, whatever ends it.
 * @throws with the remedy when there are no binaries, or with the end of the log when the server does not come up.
 */
export const startControlPlane = async ({ apiServerFlags = [] }: ControlPlaneOptions = {}): Promise<ControlPlane> => {
  const running = await launch(apiServerFlags);
  const { folder, assets, url, certificates } = running;
  const kubeconfigPath = await writeKubeconfig({ file: join(folder, 'admin.kubeconfig'), url, caCert: certificates.ca.cert, user: certificates.admin });
  const kubectl = kubectlWith(assets.kubectl, kubeconfigPath, join(folder, 'kubectl-cache'));
  return {
    kubeconfigPath,
    url,
    assets,
    folder,
    processIds: () => ({ etcd: running.etcd.pid, kubeApiserver: running.apiServer.pid }),
    kubectl,
    createNamespace: (prefix) => createNamespace(kubectl, prefix),
    applyYaml: (yaml, namespace) => applyYaml(kubectl, yaml, namespace),
    installCrds: (path) => installCrds(kubectl, path),
    limitedUser: (rules, namespace) => limitedUser({ kubectl, url, caCert: certificates.ca.cert, folder }, rules, namespace),
    stopApiServer: (signal = 'SIGTERM') => running.apiServer.stop(signal, 45_000),
    startApiServer: async () => {
      if (running.apiServer.isRunning()) return;
      running.apiServer = await startApiServer(assets.kubeApiserver, folder, running.port, apiServerFlags);
      await untilReady(url, certificates, running.apiServer, folder);
    },
    stop: () => stopServers(running),
  };
};
