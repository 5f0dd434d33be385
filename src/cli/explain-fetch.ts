/**
 * Reads a FeatureServer from a cluster, or says in a sentence why that cannot be, with the remedy.
 *
 * @module
 */
import * as z from 'zod';
import { featureServerSchema } from '../api/featureserver.ts';
import type { FeatureServer } from '../api/featureserver.ts';
import { resourceTypes } from '../api/resource-types.ts';
import { createApiClient } from '../kube/client.ts';
import { KubeConfigError, loadKubeConfig } from '../kube/load-kube-config.ts';
import type { KubeConnection } from '../kube/load-kube-config.ts';
import { noMetrics } from '../local/control-loops.ts';
import { ApiError, isApiError } from '../runtime/ports.ts';
import type { ApiClient } from '../runtime/ports.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { CannotExplain } from './explain-errors.ts';
import { suggest } from './suggest.ts';

/** Which object, and where. */
export interface Wanted {
  name: string;
  /** Undefined: that of the context. */
  namespace: string | undefined;
  kubeconfig: string | undefined;
  context: string | undefined;
}

/** Which objects there are instead; undefined when even that cannot be read. */
const namesIn = async (client: ApiClient, namespace?: string): Promise<string[] | undefined> => {
  try {
    const { items } = await client.list(resourceTypes.featureServer, namespace === undefined ? {} : { namespace });
    return items.map(({ metadata }) => (namespace === undefined ? `${metadata.namespace ?? ''}/` : '') + (metadata.name ?? ''));
  } catch (error) {
    if (isApiError(error, 'NotFound')) throw new CannotExplain('this cluster knows no FeatureServers: install the CRD (kubectl apply -f crds/)', { cause: error });
    return undefined;
  }
};

const missing = async (client: ApiClient, namespace: string, name: string): Promise<CannotExplain> => {
  const names = await namesIn(client, namespace);
  const near = suggest(name, names ?? []);
  const elsewhere = near === undefined ? (await namesIn(client))?.find((other) => other.endsWith(`/${name}`)) : undefined;
  if (near !== undefined) return new CannotExplain(`there is no FeatureServer ${namespace}/${name}; did you mean ${near}?`);
  if (elsewhere !== undefined) return new CannotExplain(`there is no FeatureServer ${namespace}/${name}; there is ${elsewhere}: give its namespace with -n`);
  const others = names === undefined || names.length === 0 ? 'kubectl get fsrv -A lists those there are' : `in ${namespace} there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 10).join(', ')}`;
  return new CannotExplain(`there is no FeatureServer ${namespace}/${name}; ${others}`);
};

const whyNot = async (error: unknown, client: ApiClient, { server, source }: KubeConnection, key: { namespace: string; name: string }): Promise<unknown> => {
  if (!(error instanceof ApiError)) return error;
  // Credentials that could not even be read: nobody was asked.
  if (error.cause instanceof KubeConfigError) return new CannotExplain(error.cause.message, { cause: error });
  const object = `${key.namespace}/${key.name}`;
  switch (error.kind) {
    case 'NotFound':
      return missing(client, key.namespace, key.name);
    case 'Forbidden':
      return new CannotExplain(`you may not read FeatureServer ${object}: ask for "get" on featureservers.plateau.dev in ${key.namespace}`, { cause: error });
    case 'Unauthorized':
      return new CannotExplain(`${server} does not know you: renew the credentials in ${source}`, { cause: error });
    case 'Network':
    case 'Unavailable':
      return new CannotExplain(`the cluster at ${server} does not answer (${error.message}); is it the one that ${source} should name?`, { cause: error });
    default:
      return error;
  }
};

const get = async (client: ApiClient, connection: KubeConnection, key: { namespace: string; name: string }): Promise<FeatureServer> => {
  let object;
  try {
    object = await client.get(resourceTypes.featureServer, key);
  } catch (error) {
    throw await whyNot(error, client, connection, key);
  }
  const parsed = featureServerSchema.safeParse(object);
  if (parsed.success) return parsed.data;
  throw new CannotExplain(`FeatureServer ${key.namespace}/${key.name} was written for another version of Plateau: ${z.prettifyError(parsed.error).replaceAll('\n', '; ')}`);
};

/** The object. @throws CannotExplain */
export const fetchFeatureServer = async ({ name, namespace, kubeconfig, context }: Wanted): Promise<FeatureServer> => {
  const connection = connectionOf(kubeconfig, context);
  const client = createApiClient(connection, { clock: systemClock(), metrics: noMetrics });
  try {
    return await get(client, connection, { namespace: namespace ?? connection.namespace ?? 'default', name });
  } catch (error) {
    throw error instanceof ApiError ? new CannotExplain(error.message, { cause: error }) : error;
  } finally {
    await client.close();
  }
};

const connectionOf = (kubeconfig: string | undefined, context: string | undefined): KubeConnection => {
  try {
    return loadKubeConfig({ ...(kubeconfig !== undefined && { path: kubeconfig }), ...(context !== undefined && { context }) });
  } catch (error) {
    throw error instanceof KubeConfigError ? new CannotExplain(error.message, { cause: error }) : error;
  }
};
