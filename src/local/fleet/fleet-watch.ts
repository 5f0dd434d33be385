/**
 * Watches the FeatureServers and the children that tell their size.
 *
 * @module
 */
import { childNames } from '../../api/names.ts';
import { resourceTypes } from '../../api/resource-types.ts';
import { cacheOf } from '../control-loops.ts';
import type { Cache, ControlContext } from '../control-loops.ts';
import { fleetFacts } from './fleet-facts.ts';
import type { FleetFacts } from './fleet-facts.ts';

export class FleetWatch {
  readonly #featureServers: Cache;
  readonly #deployments: Cache;
  readonly #configMaps: Cache;

  constructor(context: ControlContext) {
    this.#featureServers = cacheOf(context, resourceTypes.featureServer);
    this.#deployments = cacheOf(context, resourceTypes.deployment);
    this.#configMaps = cacheOf(context, resourceTypes.configMap);
  }

  /** Watches until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#featureServers, this.#deployments, this.#configMaps].map((cache) => cache.run(signal)));
  }

  /** Calls back after each change of a FeatureServer. */
  subscribe(listener: () => void): void {
    this.#featureServers.store.subscribe({ onAdd: listener, onUpdate: listener });
  }

  /** All fleets, by key in alphabetical order. */
  fleets(): FleetFacts[] {
    return this.#featureServers.store
      .list()
      .flatMap((featureServer) => {
        const { namespace = '', name = '' } = featureServer.metadata;
        const children = childNames(name);
        const facts = fleetFacts({
          featureServer,
          deployment: this.#deployments.store.get(`${namespace}/${children.deployment}`),
          poolConfig: this.#configMaps.store.get(`${namespace}/${children.poolConfig}`),
        });
        return facts === undefined ? [] : [facts];
      })
      .toSorted((left, right) => (left.key < right.key ? -1 : 1));
  }
}
