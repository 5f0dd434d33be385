/**
 * etcd and kube-apiserver as the control plane of a local fleet: finds the binaries, starts them, waits until they serve.
 *
 * @module
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { createApiClient } from '../kube/client.ts';
import { loadKubeConfig } from '../kube/load-kube-config.ts';
import { noMetrics } from '../local/control-loops.ts';
import { startEtcdAndApiServer } from '../local/control-plane/etcd-and-apiserver.ts';
import type { Binaries, RealApiServer } from '../local/control-plane/etcd-and-apiserver.ts';
import { errorCode, messageOf } from '../local/error-code.ts';
import { isApiError } from '../runtime/ports.ts';
import type { ApiClient, ResourceType } from '../runtime/ports.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { ControlPlaneError } from './local-control-plane-error.ts';
import type { ControlPlane } from './local-control-plane.ts';
import { packageRoot } from './local-files.ts';

const namespaces: ResourceType = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };
const readyWithinMs = 90_000;

/**
 * Starts them.
 *
 * @throws ControlPlaneError that says what is missing and how to get it
 */
export const startRealControlPlane = async (port: number, runFolder: string): Promise<ControlPlane> => {
  const binaries = await findBinaries();
  const server = await start(binaries, port, join(runFolder, 'control-plane'));
  const kubeconfig = join(runFolder, 'kubeconfig');
  writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
  const client = createApiClient(loadKubeConfig({ path: kubeconfig }), { clock: systemClock(), metrics: noMetrics });
  const stop = async (): Promise<void> => {
    await client.close();
    await server.stop();
  };
  try {
    await untilReady(client, server);
    return { url: server.url, client, kubeconfig, groups: server.groups, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const start = async (binaries: Binaries, port: number, folder: string): Promise<RealApiServer> => {
  try {
    return await startEtcdAndApiServer(binaries, port, folder);
  } catch (error) {
    const taken = errorCode(error) === 'EADDRINUSE';
    throw new ControlPlaneError(taken ? `port ${port} of 127.0.0.1 is taken by another program; choose another with --port, or leave --port out for a free one` : messageOf(error));
  }
};

/** The namespace of the manifests is made by kube-apiserver itself, a moment after it serves. */
const untilReady = async (client: ApiClient, server: RealApiServer): Promise<void> => {
  let failure: string | undefined;
  void server.failed.then((message) => {
    failure = message;
    return message;
  });
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline; ) {
    if (failure !== undefined) throw new ControlPlaneError(failure);
    try {
      await client.get(namespaces, { name: 'default' });
      return;
    } catch (error) {
      // Until its roles and namespaces are there, it refuses or knows nothing.
      if (!isApiError(error)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new ControlPlaneError(`kube-apiserver was not ready within ${readyWithinMs / 1000} s`);
};

const foundSchema = z.discriminatedUnion('found', [
  z.object({ found: z.literal(true), etcd: z.string(), kubeApiserver: z.string() }),
  z.object({ found: z.literal(false), reason: z.string() }),
]);

/** In a checkout the maintainers' own search, which can also build them; in a package only KUBEBUILDER_ASSETS. */
const findBinaries = async (): Promise<Binaries> => {
  const search = join(packageRoot, 'hack', 'kubernetes', 'assets.ts');
  if (existsSync(search)) {
    const module: unknown = await import(pathToFileURL(search).href);
    const { findAssets } = z.object({ findAssets: z.custom<() => Promise<unknown>>((value) => typeof value === 'function') }).parse(module);
    const found = foundSchema.parse(await findAssets());
    if (found.found) return found;
    throw new ControlPlaneError(found.reason);
  }
  const folder = process.env['KUBEBUILDER_ASSETS'] ?? '';
  const binaries = { etcd: join(folder, 'etcd'), kubeApiserver: join(folder, 'kube-apiserver') };
  if (folder !== '' && existsSync(binaries.etcd) && existsSync(binaries.kubeApiserver)) return binaries;
  throw new ControlPlaneError('--control-plane real needs etcd and kube-apiserver: run "setup-envtest use" and set KUBEBUILDER_ASSETS to the folder that it prints');
};
