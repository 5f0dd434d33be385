/** An API server in small for reconciles: server-side apply in memory, and stores that see each write at once. @module */
import { resourceTypes } from '../../../../src/api/resource-types.ts';
import { cacheNames, typeOf } from '../../../../src/controllers/featureserver/caches.ts';
import type { Caches } from '../../../../src/controllers/featureserver/caches.ts';
import { ApiError } from '../../../../src/runtime/ports.ts';
import type { ApiClient, KubeObject, ObjectKey, ResourceType } from '../../../../src/runtime/ports.ts';
import { applied } from '../../../core/featureserver/support/server-side-apply.ts';

const idOf = ({ kind }: ResourceType, { namespace = '', name }: ObjectKey): string => `${kind} ${namespace}/${name}`;
const never = (): never => {
  throw new Error('no reconcile does that');
};

export class MemoryClient implements ApiClient {
  readonly #caches: Caches;
  readonly #objects = new Map<string, KubeObject>();
  /** Kinds whose writes are refused. */
  readonly refused = new Set<string>();

  constructor(caches: Caches) {
    this.#caches = caches;
  }

  /** Takes an object in as its user has created it. */
  add(type: ResourceType, object: KubeObject): void {
    this.#objects.set(idOf(type, { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }), object);
    this.#show(type, object);
  }

  async get(type: ResourceType, key: ObjectKey): Promise<KubeObject> {
    const found = this.#objects.get(idOf(type, key));
    if (found === undefined) throw new ApiError('NotFound', `there is no ${idOf(type, key)}`);
    return structuredClone(found);
  }

  async apply(type: ResourceType, object: KubeObject, { fieldManager }: { fieldManager: string }): Promise<KubeObject> {
    if (this.refused.has(type.kind)) throw new ApiError('Forbidden', `${type.kind} is refused`);
    const id = idOf(type, { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' });
    const result = applied(this.#objects.get(id), structuredClone(object), fieldManager);
    this.#objects.set(id, result);
    this.#show(type, result);
    return structuredClone(result);
  }

  async create(type: ResourceType, object: KubeObject): Promise<KubeObject> {
    return type === resourceTypes.event ? object : never();
  }

  list = never;
  watch = never;
  replace = never;
  delete = never;

  /** As a watch would. */
  #show(type: ResourceType, object: KubeObject): void {
    const name = cacheNames.find((cache) => typeOf(cache) === type);
    if (name !== undefined) this.#caches[name].upsert(structuredClone(object));
  }
}
