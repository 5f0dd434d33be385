/**
 * Whether the Secret or ConfigMap with feature_store.yaml exists and has its key. Asked by name, and only while no pod is
 * ready; the content is dropped at once.
 *
 * @module
 */
import { featureStoreSource } from '../../api/featureserver.ts';
import type { FeatureServer } from '../../api/featureserver.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { at } from '../../core/featureserver/manifest.ts';
import type { Observed } from '../../core/featureserver/observed.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { ApiClient, Clock } from '../../runtime/ports.ts';

type Missing = Observed['featureStoreMissing'];

/** How long an answer counts, ms. */
const rememberMs = 15_000;
const mostAnswers = 10_000;

export class FeatureStoreCheck {
  readonly #client: Pick<ApiClient, 'get'>;
  readonly #clock: Clock;
  readonly #answers = new Map<string, { at: number; missing: Missing }>();

  constructor(client: Pick<ApiClient, 'get'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** What is missing, or null. Rejects with an `ApiError` when the server does not answer; being forbidden to look tells nothing. */
  async missing({ metadata, spec }: FeatureServer, signal: AbortSignal): Promise<Missing> {
    const { secret, configMap } = featureStoreSource(spec) ?? {};
    const kind = secret === undefined ? 'ConfigMap' : 'Secret';
    const reference = secret ?? configMap;
    if (reference === undefined) return null;
    const id = `${metadata.namespace}/${kind}/${reference.name}/${reference.key}`;
    const known = this.#answers.get(id);
    if (known !== undefined && this.#clock.monotonicMs() - known.at < rememberMs) return known.missing;
    const missing = await this.#look(kind, metadata.namespace, reference, signal);
    if (this.#answers.size >= mostAnswers) this.#answers.clear();
    this.#answers.set(id, { at: this.#clock.monotonicMs(), missing });
    return missing;
  }

  async #look(kind: 'Secret' | 'ConfigMap', namespace: string, { name, key }: { name: string; key: string }, signal: AbortSignal): Promise<Missing> {
    const type = kind === 'Secret' ? resourceTypes.secret : resourceTypes.configMap;
    try {
      const object = await this.#client.get(type, { namespace, name }, { signal });
      const has = at(object, 'data', key) !== undefined || at(object, 'binaryData', key) !== undefined;
      return has ? null : { kind, message: `${kind} ${namespace}/${name} has no key ${key}: add it, or name another key in the featureStore of spec.server` };
    } catch (error) {
      if (isApiError(error, 'Forbidden')) return null;
      if (!isApiError(error, 'NotFound')) throw error;
      return { kind, message: `${kind} ${namespace}/${name} does not exist: create it with the key ${key}` };
    }
  }
}
