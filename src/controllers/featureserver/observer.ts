/**
 * Takes the picture that a reconcile decides from.
 *
 * @module
 */
import type { FeatureServer } from '../../api/featureserver.ts';
import type { ChildRole, Observed } from '../../core/featureserver/observed.ts';
import type { Outcome } from '../../core/featureserver/outcome.ts';
import type { Plan } from '../../core/featureserver/plan.ts';
import { childRoles, unwantedChildren } from '../../core/specs/index.ts';
import type { ApiClient, Clock, KubeObject } from '../../runtime/ports.ts';
import type { RecommendationReader } from '../scrape/ports.ts';
import { indexes } from './caches.ts';
import type { Caches } from './caches.ts';
import { Children } from './children.ts';
import { deploymentFactsOf, podFactsOf } from './facts.ts';
import { FeatureStoreCheck } from './feature-store-check.ts';
import { otherAutoscalers } from './other-autoscalers.ts';
import type { OwnWrites } from './own-writes.ts';
import type { PoolPusher } from './pool-pusher.ts';

export interface ObserverOptions {
  readonly client: Pick<ApiClient, 'get'>;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly recommendations: RecommendationReader;
  readonly pusher: PoolPusher;
  /** FeatureServers, with our own status writes. */
  readonly featureServers: OwnWrites;
  leaseTransitions(): number;
}

export class Observer {
  readonly children: Children;
  readonly #options: ObserverOptions;
  readonly #featureStores: FeatureStoreCheck;
  /** Key → UID, to forget what belongs to an object that is gone. */
  readonly #uids = new Map<string, string>();

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.children = new Children(options.client, options.clock, options.caches);
    this.#featureStores = new FeatureStoreCheck(options.client, options.clock);
  }

  /** The object of that key, our own status included; undefined when the watch shows none. */
  featureServer(key: string): KubeObject | undefined {
    return this.#options.caches.featureServer.get(key) === undefined ? undefined : this.#options.featureServers.get(key);
  }

  /** Everything that counts for one object. Asks the server only for what no watch shows. */
  async observe(key: string, featureServer: FeatureServer, signal: AbortSignal): Promise<Observed> {
    const { caches, clock, pusher, recommendations } = this.#options;
    const { namespace, name, uid } = featureServer.metadata;
    this.#uids.set(key, uid);
    const children = await this.children.observe({ namespace, name, uid }, wantedRoles(featureServer), signal);
    const deployment = children.deployment.kind === 'present' ? deploymentFactsOf(children.deployment.object) : null;
    const lookForStore = (deployment?.readyReplicas ?? 0) === 0;
    return Object.freeze({
      now: clock.now(),
      featureServer,
      children,
      deployment,
      pods: caches.pod.byIndex(indexes.fleet, key).map(podFactsOf),
      others: otherAutoscalers(caches, namespace, name),
      recommendation: recommendations.get(key) ?? null,
      leaseTransitions: this.#options.leaseTransitions(),
      pools: pusher.reports(key),
      featureStoreMissing: lookForStore ? await this.#featureStores.missing(featureServer, signal) : null,
    });
  }

  /** The picture after our own writes: what the server answered stands for the children. */
  again(observed: Observed): Observed {
    const { namespace, name } = observed.featureServer.metadata;
    const deployment = this.children.known('deployment', `${namespace}/${name}`);
    return deployment === undefined ? observed : Object.freeze({ ...observed, deployment: deploymentFactsOf(deployment) });
  }

  /** A Secret that was read and not written was right. */
  trustUnlessWritten({ children, featureServer }: Observed, { taken }: Plan, outcome: Outcome): void {
    if (taken.some(({ role }) => role === 'poolToken')) return;
    const touched = outcome.applied.includes('poolToken') || outcome.failures.some(({ role }) => role === 'poolToken');
    if (children.poolToken.kind === 'present' && !touched) this.children.trustToken(featureServer.metadata.uid);
  }

  /** Forgets what was kept for an object that is gone. */
  forget(key: string): void {
    const uid = this.#uids.get(key);
    if (uid !== undefined) this.children.forget(uid);
    this.#uids.delete(key);
  }
}

const wantedRoles = (featureServer: FeatureServer): Set<ChildRole> => {
  const unwanted = new Set(unwantedChildren(featureServer).map(({ role }) => role));
  return new Set(childRoles.filter((role) => !unwanted.has(role)));
};
