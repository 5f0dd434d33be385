/**
 * The API server of a local fleet: embedded in this process, or the real one.
 *
 * @module
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startApiServer } from '../local/apiserver/start-api-server.ts';
import { errorCode } from '../local/error-code.ts';
import { isApiError } from '../runtime/ports.ts';
import type { ApiClient, KubeObject, ResourceType } from '../runtime/ports.ts';
import type { LocalArguments } from './local-arguments.ts';
import { ControlPlaneError } from './local-control-plane-error.ts';
import { packageRoot } from './local-files.ts';
import { startRealControlPlane } from './local-real-control-plane.ts';

export interface ControlPlane {
  readonly url: string;
  readonly client: ApiClient;
  /** Path of a kubeconfig that only its owner can read. */
  readonly kubeconfig: string;
  /** Process groups that belong to it. */
  readonly groups: readonly number[];
  stop(): Promise<void>;
}

const definitions: ResourceType = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions', kind: 'CustomResourceDefinition', namespaced: false };
const fieldManager = 'plateau-local';
const establishedWithinMs = 15_000;

/**
 * Starts the API server and installs our definitions in it.
 *
 * @throws ControlPlaneError
 */
export const startControlPlane = async ({ port, controlPlane }: LocalArguments, runFolder: string): Promise<ControlPlane> => {
  const started = controlPlane === 'embedded' ? await startEmbedded(port, runFolder) : await startRealControlPlane(port, runFolder);
  try {
    await installDefinitions(started.client);
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
};

const startEmbedded = async (port: number, runFolder: string): Promise<ControlPlane> => {
  try {
    const server = await startApiServer({ port });
    const kubeconfig = join(runFolder, 'kubeconfig');
    writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 });
    return { url: server.url, client: server.client, kubeconfig, groups: [], stop: () => server.stop() };
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error;
    throw new ControlPlaneError(`port ${port} of 127.0.0.1 is taken by another program; choose another with --port, or leave --port out for a free one`);
  }
};

const installDefinitions = async (client: ApiClient): Promise<void> => {
  const folder = join(packageRoot, 'crds');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const definition = parse(readFileSync(join(folder, file), 'utf8')) as KubeObject;
    await client.apply(definitions, definition, { fieldManager, force: true });
    await untilEstablished(client, definition.metadata.name ?? '');
  }
};

const untilEstablished = async (client: ApiClient, name: string): Promise<void> => {
  const deadline = Date.now() + establishedWithinMs;
  while (!isEstablished(await client.get(definitions, { name }))) {
    if (Date.now() > deadline) throw new ControlPlaneError(`the API server did not take the definition ${name} into use within ${establishedWithinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Established comes a moment before the resource is served.
  const [plural = '', ...group] = name.split('.');
  const served: ResourceType = { group: group.join('.'), version: 'v1alpha1', plural, kind: '', namespaced: true };
  for (;;) {
    try {
      await client.list(served, { limit: 1 });
      return;
    } catch (error) {
      if (!isApiError(error, 'NotFound', 'Unavailable') || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

const isEstablished = ({ status }: KubeObject): boolean => JSON.stringify(status ?? {}).includes('"Established"');
