/**
 * Looks before the start whether the operator can work: server there, CRD installed, rights given. One sentence each.
 *
 * @module
 */
import { isApiError } from '../runtime/ports.ts';
import type { ApiClient, ApiError, Clock, Logger, ResourceType } from '../runtime/ports.ts';
import { sleep } from '../runtime/waiting.ts';

/** The operator cannot start; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface PreflightOptions {
  readonly client: Pick<ApiClient, 'list'>;
  /** The kind that the operator is for. */
  readonly main: ResourceType;
  /** The other kinds it must be able to list. */
  readonly others: readonly ResourceType[];
  readonly namespace?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Between attempts while the server does not answer, ms. */
const retryMs = 3_000;

/** Resolves when everything can be listed. Waits for a server that does not answer. @throws StartError for what only a person can heal. */
export const preflight = async (options: PreflightOptions, signal: AbortSignal): Promise<void> => {
  const main = await probe(options, options.main, signal);
  if (main?.kind === 'NotFound') {
    throw new StartError(`the API server does not know ${options.main.kind} (${options.main.group}/${options.main.version}): run kubectl apply -f crds/ and start again`);
  }
  const refused = main === undefined ? [] : [main];
  for (const type of options.others) {
    const error = await probe(options, type, signal);
    if (error !== undefined) refused.push(error);
  }
  const [first] = refused;
  if (first === undefined) return;
  const where = options.namespace === undefined ? 'in the whole cluster (or name one with --namespace)' : `in namespace ${options.namespace}`;
  throw new StartError(`the operator may not list what it needs ${where}: ${refused.map(({ message }) => message).join('; ')}; see docs/operations.md, "Permissions"`, { cause: first });
};

/** Undefined: it can be listed. Unauthorized and whatever retrying cannot heal is thrown. */
const probe = async ({ client, namespace, clock, logger }: PreflightOptions, type: ResourceType, signal: AbortSignal): Promise<ApiError | undefined> => {
  for (;;) {
    try {
      await client.list(type, { limit: 1, signal, ...(namespace === undefined ? {} : { namespace }) });
      return undefined;
    } catch (error) {
      if (isApiError(error, 'NotFound', 'Forbidden')) return error;
      if (!isApiError(error, 'Network', 'Unavailable', 'TooManyRequests', 'Malformed')) throw new StartError(messageOf(error), { cause: error });
      logger.warn('the API server does not answer; trying again', { error, retryMs });
      if (!(await sleep(clock, Math.max(retryMs, error.retryAfterMs ?? 0), signal))) throw new StartError('stopped before the API server answered');
    }
  }
};

const messageOf = (error: unknown): string =>
  isApiError(error, 'Unauthorized') ? `the API server does not accept our credentials: ${error.message}` : Error.isError(error) ? error.message : String(error);
