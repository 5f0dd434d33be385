/**
 * How a HorizontalPodAutoscaler (autoscaling/v2) turns recommendations into sizes: stabilisation windows, then policies, as the
 * Kubernetes documentation states them.
 *
 * @module
 */
import { within } from '../policy.ts';
import type { Bounds } from '../policy.ts';

/** One rule: so many pods or so many percent in a period. */
export interface ScalingPolicy {
  readonly kind: 'pods' | 'percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface Rules {
  /** Up: the least recommendation of this long holds; down: the largest. */
  readonly stabilizationSeconds: number;
  /** The one that allows most is used. */
  readonly policies: readonly ScalingPolicy[];
}

export interface Behaviour {
  readonly up: Rules;
  readonly down: Rules;
}

export const defaultBehaviour: Behaviour = {
  up: { stabilizationSeconds: 0, policies: [{ kind: 'pods', value: 4, periodSeconds: 15 }, { kind: 'percent', value: 100, periodSeconds: 15 }] },
  down: { stabilizationSeconds: 300, policies: [{ kind: 'percent', value: 100, periodSeconds: 15 }] },
};

interface Noted {
  readonly at: number;
  readonly value: number;
}

export class HpaBehaviour {
  readonly #behaviour: Behaviour;
  readonly #bounds: Bounds;
  #recommendations: Noted[] = [];
  /** Changes that were made: pods added (above zero) or removed. */
  #changes: Noted[] = [];

  constructor(behaviour: Behaviour, bounds: Bounds) {
    this.#behaviour = behaviour;
    this.#bounds = bounds;
  }

  /** The size to have now, when `desired` is what the metrics ask for. Seconds. */
  apply(now: number, current: number, desired: number): number {
    // What runs when nothing has been recommended yet counts as a recommendation: a controller that starts does not shrink at once.
    if (this.#recommendations.length === 0) this.#recommendations.push({ at: now, value: current });
    const stabilized = this.#stabilize(now, current, desired);
    const replicas = within(this.#bounds, this.#limit(now, current, stabilized));
    if (replicas !== current) this.#changes.push({ at: now, value: replicas - current });
    return replicas;
  }

  #stabilize(now: number, current: number, desired: number): number {
    const { up, down } = this.#behaviour;
    this.#recommendations.push({ at: now, value: desired });
    const longest = Math.max(up.stabilizationSeconds, down.stabilizationSeconds);
    this.#recommendations = this.#recommendations.filter(({ at }) => at >= now - longest);
    const since = (seconds: number): number[] => [desired, ...this.#recommendations.filter(({ at }) => at > now - seconds).map(({ value }) => value)];
    const least = Math.min(...since(up.stabilizationSeconds));
    const most = Math.max(...since(down.stabilizationSeconds));
    if (current < least) return least;
    return current > most ? most : current;
  }

  #limit(now: number, current: number, wanted: number): number {
    const longest = Math.max(...[...this.#behaviour.up.policies, ...this.#behaviour.down.policies].map(({ periodSeconds }) => periodSeconds));
    this.#changes = this.#changes.filter(({ at }) => at > now - longest);
    const { up, down } = this.#behaviour;
    if (wanted > current) return Math.min(wanted, Math.max(current, ...up.policies.map((policy) => this.#most(now, current, policy))));
    if (wanted < current) return Math.max(wanted, Math.min(current, ...down.policies.map((policy) => this.#least(now, current, policy))));
    return current;
  }

  #startOf(now: number, current: number, periodSeconds: number): number {
    return this.#changes.filter(({ at }) => at > now - periodSeconds).reduce((start, { value }) => start - value, current);
  }

  #most(now: number, current: number, { kind, value, periodSeconds }: ScalingPolicy): number {
    const start = this.#startOf(now, current, periodSeconds);
    return kind === 'pods' ? start + value : Math.ceil(start * (1 + value / 100));
  }

  #least(now: number, current: number, { kind, value, periodSeconds }: ScalingPolicy): number {
    const start = this.#startOf(now, current, periodSeconds);
    return kind === 'pods' ? start - value : Math.floor(start * (1 - value / 100));
  }
}
