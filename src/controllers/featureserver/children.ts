/**
 * Reads the children of a FeatureServer: from the watches, and by a request only for what a watch cannot show (an object
 * of our name without our label, and Secrets, which are never watched).
 *
 * @module
 */
import { childNames } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import type { ChildRole, ChildState } from '../../core/featureserver/observed.ts';
import { formatKey } from '../../runtime/keys.ts';
import { isApiError } from '../../runtime/ports.ts';
import type { ApiClient, Clock, KubeObject, ObjectKey, ResourceType } from '../../runtime/ports.ts';
import type { Caches } from './caches.ts';
import { OwnWrites } from './own-writes.ts';

const cacheOf = {
  deployment: 'deployment',
  service: 'service',
  serviceAccount: 'serviceAccount',
  poolConfig: 'configMap',
  disruptionBudget: 'disruptionBudget',
  networkPolicy: 'networkPolicy',
} as const satisfies Partial<Record<ChildRole, keyof Caches>>;

type WatchedRole = keyof typeof cacheOf;

const typeOfRole: Readonly<Record<ChildRole, ResourceType>> = {
  deployment: resourceTypes.deployment,
  service: resourceTypes.service,
  serviceAccount: resourceTypes.serviceAccount,
  poolConfig: resourceTypes.configMap,
  poolToken: resourceTypes.secret,
  disruptionBudget: resourceTypes.disruptionBudget,
  networkPolicy: resourceTypes.networkPolicy,
};

/** How long a token Secret that was right counts as right, ms. */
const tokenTrustMs = 3_600_000;

export const resourceOf = (role: ChildRole): ResourceType => typeOfRole[role];

export class Children {
  readonly #client: Pick<ApiClient, 'get'>;
  readonly #clock: Clock;
  readonly #written: Readonly<Record<WatchedRole, OwnWrites>>;
  /** UID of the owner → when its Secret was right last. */
  readonly #trustedTokens = new Map<string, number>();

  constructor(client: Pick<ApiClient, 'get'>, clock: Clock, caches: Caches) {
    this.#client = client;
    this.#clock = clock;
    const own = (role: WatchedRole): OwnWrites => new OwnWrites(caches[cacheOf[role]], clock);
    this.#written = {
      deployment: own('deployment'),
      service: own('service'),
      serviceAccount: own('serviceAccount'),
      poolConfig: own('poolConfig'),
      disruptionBudget: own('disruptionBudget'),
      networkPolicy: own('networkPolicy'),
    };
  }

  /** State of all children. Asks the server for those of `wanted` that no watch shows. */
  async observe(owner: { namespace: string; name: string; uid: string }, wanted: ReadonlySet<ChildRole>, signal: AbortSignal): Promise<Record<ChildRole, ChildState>> {
    const names = childNames(owner.name);
    const state = async (role: ChildRole): Promise<ChildState> => this.#state(role, { namespace: owner.namespace, name: names[role] }, wanted.has(role) ? signal : null, owner.uid);
    const [deployment, service, serviceAccount, poolConfig, poolToken, disruptionBudget, networkPolicy] = await Promise.all([
      state('deployment'), state('service'), state('serviceAccount'), state('poolConfig'), state('poolToken'), state('disruptionBudget'), state('networkPolicy'),
    ]);
    return { deployment, service, serviceAccount, poolConfig, poolToken, disruptionBudget, networkPolicy };
  }

  /** What a watch or an own write shows, without a request. */
  known(role: WatchedRole, key: string): KubeObject | undefined {
    return this.#written[role].get(key);
  }

  /** The server's answer to a write. */
  wrote(role: ChildRole, object: KubeObject, ownerUid: string): void {
    if (role === 'poolToken') this.#trustedTokens.set(ownerUid, this.#clock.monotonicMs());
    else this.#written[role].wrote(object);
  }

  deleted(role: ChildRole, key: string): void {
    if (role !== 'poolToken') this.#written[role].deleted(key);
  }

  /** The Secret was read and needs no write. */
  trustToken(ownerUid: string): void {
    this.#trustedTokens.set(ownerUid, this.#clock.monotonicMs());
  }

  /** The owner is gone. */
  forget(ownerUid: string): void {
    this.#trustedTokens.delete(ownerUid);
  }

  async #state(role: ChildRole, key: ObjectKey, signal: AbortSignal | null, ownerUid: string): Promise<ChildState> {
    if (role === 'poolToken') {
      const trusted = this.#trustedTokens.get(ownerUid);
      if (trusted !== undefined && this.#clock.monotonicMs() - trusted < tokenTrustMs) return { kind: 'remembered' };
    } else {
      const known = this.#written[role].get(formatKey(key));
      if (known !== undefined) return { kind: 'present', object: known };
    }
    return signal === null ? { kind: 'absent' } : this.#ask(role, key, signal);
  }

  async #ask(role: ChildRole, key: ObjectKey, signal: AbortSignal): Promise<ChildState> {
    try {
      return { kind: 'present', object: await this.#client.get(resourceOf(role), key, { signal }) };
    } catch (error) {
      if (isApiError(error, 'NotFound')) return { kind: 'absent' };
      throw error;
    }
  }
}
