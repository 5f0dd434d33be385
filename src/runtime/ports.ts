/**
 * What the controller library needs from the outside world. It knows no Kubernetes client and no domain:
 * an adapter (src/kube) implements `ApiClient`, a composition root passes clock, random and logger in.
 *
 * @module
 */

/** Metadata as the API server sends it. Times are RFC 3339 strings, never `Date`. */
export interface ObjectMeta {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  subresource?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
}

/** Any Kubernetes object: raw JSON with typed metadata. Everything else is parsed (zod) by whoever reads it. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** A REST resource: `{group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true}`. Core group is `''`. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  signal?: AbortSignal;
}

export interface ListPage {
  resourceVersion: string;
  continue?: string;
  items: KubeObject[];
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion: string;
  /** Seconds after which the server ends the watch by itself. */
  timeoutSeconds: number;
  signal: AbortSignal;
}

/** One line of a watch. An ERROR line is not an event: the adapter throws it as an `ApiError`. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: KubeObject;
}

export interface ObjectKey {
  namespace?: string;
  name: string;
}

export interface WriteOptions {
  /** Who writes. Server-side apply uses one manager for each concern. */
  fieldManager: string;
  /** Take fields over from other managers instead of failing with Conflict (server-side apply only). */
  force?: boolean;
  dryRun?: boolean;
  subresource?: 'status' | 'scale';
  signal?: AbortSignal;
}

export interface DeleteOptions {
  /** Delete only this very object, not a later one of the same name. */
  uid?: string;
  resourceVersion?: string;
  propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Of a Pod: 0 removes the object at once, what a kubelet does after the processes have ended. Absent: the pod's own. */
  gracePeriodSeconds?: number;
  signal?: AbortSignal;
}

/** The API server. Every method rejects with an `ApiError`, never with anything else. */
export interface ApiClient {
  get(type: ResourceType, key: ObjectKey, options?: { signal?: AbortSignal }): Promise<KubeObject>;
  list(type: ResourceType, options?: ListOptions): Promise<ListPage>;
  /** Ends normally when the server closes the stream at a line boundary. */
  watch(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent>;
  create(type: ResourceType, object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** Server-side apply; `metadata.resourceVersion` in the body makes it conditional. */
  apply(type: ResourceType, object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  /** PUT with optimistic lock: the object must carry `metadata.resourceVersion`. */
  replace(type: ResourceType, object: KubeObject, options: WriteOptions): Promise<KubeObject>;
  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<void>;
}

/**
 * What can go wrong with a request, as a closed union of kinds. A switch over `kind` is exhaustive.
 * - NotFound 404, AlreadyExists 409, Conflict 409 (resourceVersion or field ownership), Gone 410 (watch or continue token too old)
 * - Invalid 422/400, Forbidden 403, Unauthorized 401, TooManyRequests 429 (with `retryAfterMs`)
 * - Unavailable: 500, 502, 503, 504, 408; Network: no answer at all (refused, reset, DNS, TLS); Aborted: our own signal;
 * - Malformed: an answer that is not what the API promises (not JSON, a line cut in half).
 */
export type ApiErrorKind =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'Forbidden'
  | 'Unauthorized'
  | 'TooManyRequests'
  | 'Unavailable'
  | 'Network'
  | 'Aborted'
  | 'Malformed';

export interface ApiErrorDetails {
  /** HTTP status, when there was an answer. */
  status?: number;
  /** `reason` of the Status object, as the server wrote it. */
  reason?: string;
  /** How long the server asks us to wait, from Retry-After, in milliseconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** A failed request. `message` names verb, object and what the server said. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ApiErrorKind;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ApiErrorKind, message: string, details: ApiErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** True when `error` is an ApiError of one of these kinds. */
export const isApiError = (error: unknown, ...kinds: ApiErrorKind[]): error is ApiError =>
  error instanceof ApiError && (kinds.length === 0 || kinds.includes(error.kind));

/** Time and timers. `monotonicMs` never jumps; `now` is wall-clock milliseconds since the epoch. */
export interface Clock {
  now(): number;
  monotonicMs(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** Uniform random number in [0, 1). */
export type Random = () => number;

/** Structured log: a sentence and fields. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  with(fields: Record<string, unknown>): Logger;
}

/**
 * Numbers about the library itself, under the names that controller-runtime and client-go's workqueue made common.
 * The telemetry room backs this with prom-client; tests pass a recorder.
 */
export interface MetricsSink {
  increment(name: string, labels: Record<string, string>, by?: number): void;
  set(name: string, labels: Record<string, string>, value: number): void;
  observe(name: string, labels: Record<string, string>, seconds: number): void;
}
