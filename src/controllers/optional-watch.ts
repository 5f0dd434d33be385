/**
 * A watch of a kind whose CRD may not be installed, or may be installed later.
 *
 * @module
 */
import type { Runnable } from '../runtime/manager.ts';
import { isApiError } from '../runtime/ports.ts';
import type { ApiClient, Clock, Logger, ResourceType } from '../runtime/ports.ts';
import { sleep } from '../runtime/waiting.ts';

export interface OptionalWatchOptions {
  readonly client: Pick<ApiClient, 'list'>;
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What to run once the kind is served. */
  readonly reflector: Pick<Runnable, 'run'>;
}

/** How often to look whether the kind has come, ms. */
const lookAgainMs = 300_000;

/** Others need not wait for it: while the kind is not served there is nothing to see. */
export const optionalWatch = (options: OptionalWatchOptions): Runnable => ({
  name: `optional watch of ${options.type.plural}`,
  run: async (signal) => {
    while (!signal.aborted) {
      if (await isServed(options, signal)) await options.reflector.run(signal);
      else await sleep(options.clock, lookAgainMs, signal);
    }
  },
});

const isServed = async ({ client, type, namespace, logger }: OptionalWatchOptions, signal: AbortSignal): Promise<boolean> => {
  try {
    await client.list(type, { limit: 1, signal, ...(namespace === undefined ? {} : { namespace }) });
    return true;
  } catch (error) {
    if (isApiError(error, 'Forbidden')) logger.info(`${type.plural} are not looked at: the operator may not list them`);
    else if (!isApiError(error, 'NotFound', 'Aborted')) logger.warn(`cannot tell whether ${type.plural} are served; looking again in five minutes`, { error });
    return false;
  }
};
