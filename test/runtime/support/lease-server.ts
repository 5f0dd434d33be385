/**
 * A server that holds one Lease, with optimistic locking, and that can be made to fail.
 *
 * @module
 */
import { ApiError } from '../../../src/runtime/ports.ts';
import type { ApiClient, KubeObject, ResourceType } from '../../../src/runtime/ports.ts';

export type LeaseClient = Pick<ApiClient, 'get' | 'create' | 'replace'>;

export class LeaseServer {
  lease: KubeObject | undefined;
  writes = 0;
  #version = 0;

  /** A client of its own failures: `failing` rejects every request, `deaf` takes the write in but loses the answer, `hanging` never answers, `stubborn` not even when aborted. */
  client(): LeaseClient & { mode: 'ok' | 'failing' | 'deaf' | 'hanging' | 'stubborn' } {
    const serve = async (signal: AbortSignal | undefined, answer: () => KubeObject): Promise<KubeObject> => {
      if (client.mode === 'failing') throw new ApiError('Network', 'refused');
      if (client.mode === 'hanging') return never(signal);
      if (client.mode === 'stubborn') return never(undefined);
      const object = answer();
      if (client.mode === 'deaf') throw new ApiError('Network', 'reset');
      return object;
    };
    const client = {
      mode: 'ok' as 'ok' | 'failing' | 'deaf' | 'hanging' | 'stubborn',
      get: (_type: ResourceType, _key: unknown, options?: { signal?: AbortSignal }) => serve(options?.signal, () => this.#get()),
      create: (_type: ResourceType, object: KubeObject, options: { signal?: AbortSignal }) => serve(options.signal, () => this.#create(object)),
      replace: (_type: ResourceType, object: KubeObject, options: { signal?: AbortSignal }) => serve(options.signal, () => this.#replace(object)),
    };
    return client;
  }

  #get(): KubeObject {
    if (this.lease === undefined) throw new ApiError('NotFound', 'no lease');
    return structuredClone(this.lease);
  }

  #create(object: KubeObject): KubeObject {
    if (this.lease !== undefined) throw new ApiError('AlreadyExists', 'there is one');
    return this.#store(object);
  }

  #replace(object: KubeObject): KubeObject {
    if (this.lease === undefined) throw new ApiError('NotFound', 'no lease');
    if (object.metadata.resourceVersion !== this.lease.metadata.resourceVersion) throw new ApiError('Conflict', 'changed');
    return this.#store(object);
  }

  #store(object: KubeObject): KubeObject {
    this.writes += 1;
    this.#version += 1;
    this.lease = structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
    return structuredClone(this.lease);
  }
}

const never = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new ApiError('Network', 'no answer'))));
