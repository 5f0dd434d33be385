/**
 * The Kubernetes API behind the port `ApiClient`.
 *
 * @module
 */
import { ApiError } from '../runtime/ports.ts';
import type { ApiClient, Clock, DeleteOptions, KubeObject, ListOptions, ListPage, MetricsSink, ObjectKey, ResourceType, WatchEvent, WatchOptions, WriteOptions } from '../runtime/ports.ts';
import type { KubeConnection } from './load-kube-config.ts';
import { collectionPath, listQuery, objectPath, watchQuery, writeQuery } from './resource-path.ts';
import { Transport } from './transport.ts';
import { isKubeObject, isRecord, parseJson, parseWatchLine, readLines } from './watch-lines.ts';

export interface KubeClientOptions {
  readonly clock: Clock;
  readonly metrics: MetricsSink;
  /** Longest wait for a whole answer, ms. Default 30 s: a page of 500 large objects from a busy server. */
  readonly requestTimeoutMs?: number;
  /** Largest answer, bytes. Default 64 MiB. */
  readonly maxResponseBytes?: number;
  /** Requests under way at the same time. Default 16. */
  readonly maxConnections?: number;
}

/** Longest line of a watch, bytes. etcd holds at most 1.5 MiB an object; JSON escapes may make it longer. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** An `ApiClient` that holds connections; `close` ends them. */
export interface KubeClient extends ApiClient {
  close(): Promise<void>;
}

/**
 * Client for the server of a kubeconfig. Connections are pooled, tokens and certificates are renewed while it runs, answers and
 * waits are bounded; `rest_client_requests_total{code,method}` counts. Every method rejects with an `ApiError`.
 */
export const createApiClient = (connection: KubeConnection, options: KubeClientOptions): KubeClient => new RestClient(connection, options);

class RestClient implements KubeClient {
  readonly #transport: Transport;

  constructor(connection: KubeConnection, options: KubeClientOptions) {
    this.#transport = new Transport(connection, {
      clock: options.clock,
      metrics: options.metrics,
      requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
      maxResponseBytes: options.maxResponseBytes ?? 64 * 1024 * 1024,
      maxConnections: options.maxConnections ?? 16,
    });
  }

  async get(type: ResourceType, key: ObjectKey, options: { signal?: AbortSignal } = {}): Promise<KubeObject> {
    const what = describe('get', type, key);
    return toObject(await this.#transport.send({ method: 'GET', path: objectPath(type, key), what, signal: options.signal }), what);
  }

  async list(type: ResourceType, options: ListOptions = {}): Promise<ListPage> {
    const what = describeMany('list', type, options.namespace);
    const path = collectionPath(type, options.namespace) + listQuery(options);
    return toPage(await this.#transport.send({ method: 'GET', path, what, signal: options.signal }), what, type);
  }

  async *watch(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent> {
    const what = describeMany('watch', type, options.namespace);
    const path = collectionPath(type, options.namespace) + watchQuery(options);
    const chunks = this.#transport.stream({ method: 'GET', path, what, signal: options.signal });
    for await (const line of readLines(chunks, what, MAX_LINE_BYTES)) {
      if (line.trim() !== '') yield parseWatchLine(line, what);
    }
  }

  async create(type: ResourceType, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const path = collectionPath(type, object.metadata.namespace) + writeQuery(options, false);
    return this.#write('create', 'POST', type, object, { path, contentType: 'application/json', signal: options.signal });
  }

  async apply(type: ResourceType, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    const path = objectPath(type, keyOf(object), options.subresource) + writeQuery(options, true);
    // JSON is YAML; the content type is what selects server-side apply.
    return this.#write('apply', 'PATCH', type, object, { path, contentType: 'application/apply-patch+yaml', signal: options.signal });
  }

  async replace(type: ResourceType, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
    if (object.metadata.resourceVersion === undefined) {
      throw new ApiError('Invalid', `${describe('replace', type, keyOf(object))}: metadata.resourceVersion is missing; without it the write would overwrite changes unseen`);
    }
    const path = objectPath(type, keyOf(object), options.subresource) + writeQuery(options, false);
    return this.#write('replace', 'PUT', type, object, { path, contentType: 'application/json', signal: options.signal });
  }

  async delete(type: ResourceType, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const { uid, resourceVersion, propagation, gracePeriodSeconds } = options;
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
      ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    await this.#transport.send({ method: 'DELETE', path: objectPath(type, key), what: describe('delete', type, key), body, signal: options.signal });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #write(
    verb: string,
    method: 'POST' | 'PUT' | 'PATCH',
    type: ResourceType,
    object: KubeObject,
    call: { path: string; contentType: string; signal: AbortSignal | undefined },
  ): Promise<KubeObject> {
    const what = describe(verb, type, keyOf(object));
    const body = { apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`, kind: type.kind, ...object };
    return toObject(await this.#transport.send({ ...call, method, what, body }), what);
  }
}

const keyOf = ({ metadata }: KubeObject): ObjectKey => ({
  name: metadata.name ?? '',
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
});

const describe = (verb: string, type: ResourceType, { namespace, name }: ObjectKey): string =>
  `${verb} ${type.kind} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`;

const describeMany = (verb: string, type: ResourceType, namespace?: string): string =>
  `${verb} ${type.plural}${namespace === undefined || namespace === '' ? '' : ` in ${namespace}`}`;

const toObject = (text: string, what: string): KubeObject => {
  const value = parseJson(text, what);
  if (!isKubeObject(value)) throw new ApiError('Malformed', `${what}: the answer has no metadata`);
  return value;
};

const toPage = (text: string, what: string, type: ResourceType): ListPage => {
  const value = parseJson(text, what);
  const metadata = isKubeObject(value) ? value.metadata : undefined;
  const items = isRecord(value) ? (value['items'] ?? []) : undefined;
  if (metadata === undefined || typeof metadata.resourceVersion !== 'string' || !Array.isArray(items) || !items.every(isKubeObject)) {
    throw new ApiError('Malformed', `${what}: the answer is not a list`);
  }
  const token: unknown = Reflect.get(metadata, 'continue');
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  return {
    resourceVersion: metadata.resourceVersion,
    ...(typeof token === 'string' && token !== '' ? { continue: token } : {}),
    // Items of a list carry no kind, those of a watch do: readers should not see a difference.
    items: items.map((item) => ({ apiVersion, kind: type.kind, ...item })),
  };
};
