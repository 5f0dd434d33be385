/**
 * A client whose writes stop when the lease may have passed to somebody else.
 *
 * @module
 */
import { ApiError } from './ports.ts';
import type { ApiClient, ResourceType } from './ports.ts';
import { linkSignals } from './waiting.ts';

/** The part of a leader elector that the fence asks. */
export interface Fence {
  leaseValid(): boolean;
  readonly lost: AbortSignal;
}

/**
 * Wraps a client. Reads pass. A write is refused (`ApiError` of kind Aborted) unless `fence.leaseValid()` at the moment
 * it would be sent, and one under way is aborted when leadership is lost. What the server has already taken in cannot
 * be called back: writes that must not cross a change of leader carry a resourceVersion besides.
 */
export const fencedClient = (client: ApiClient, fence: Fence): ApiClient => {
  const guarded = async <T>(what: string, type: ResourceType, signal: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (!fence.leaseValid()) throw new ApiError('Aborted', `${what} ${type.kind}: not sent, because the leader lease may have passed to another process`);
    const link = linkSignals(signal, fence.lost);
    try {
      return await send(link.signal);
    } finally {
      link.dispose();
    }
  };
  return {
    get: (type, key, options) => client.get(type, key, options),
    list: (type, options) => client.list(type, options),
    watch: (type, options) => client.watch(type, options),
    create: (type, object, options) => guarded('create', type, options.signal, (signal) => client.create(type, object, { ...options, signal })),
    apply: (type, object, options) => guarded('apply', type, options.signal, (signal) => client.apply(type, object, { ...options, signal })),
    replace: (type, object, options) => guarded('replace', type, options.signal, (signal) => client.replace(type, object, { ...options, signal })),
    delete: (type, key, options) => guarded('delete', type, options?.signal, (signal) => client.delete(type, key, { ...options, signal })),
  };
};
