/**
 * Knative's pod autoscaler on concurrency: a stable and a panic window, as its documentation states it.
 *
 * @module
 */
import { within } from '../policy.ts';
import type { Bounds, Policy } from '../policy.ts';
import { concurrencyPerPod } from './measurements.ts';

export interface KpaSettings {
  readonly bounds: Bounds;
  /** Requests inside a pod that it shall hold on average. */
  readonly target: number;
  readonly stableSeconds: number;
  readonly panicSeconds: number;
  /** Panic begins when the panic window asks for so many times the ready pods. */
  readonly panicThreshold: number;
  readonly maxScaleUp: number;
  readonly maxScaleDown: number;
  /** A smaller size is taken only after it has been asked for so long. */
  readonly scaleDownDelaySeconds: number;
}

export const defaultKpa = { stableSeconds: 60, panicSeconds: 6, panicThreshold: 2, maxScaleUp: 1000, maxScaleDown: 2, scaleDownDelaySeconds: 0 } as const;

const TICK_SECONDS = 2;
const SCRAPE_SECONDS = 1;

interface Noted {
  readonly at: number;
  readonly value: number;
}

const meanSince = (notes: readonly Noted[], since: number): number => {
  const within = notes.filter(({ at }) => at > since);
  return within.reduce((sum, { value }) => sum + value, 0) / Math.max(1, within.length);
};

/** The decision alone: concurrency of the fleet in, pods out. */
export class KpaScaler {
  readonly #settings: KpaSettings;
  #seen: Noted[] = [];
  #wishes: Noted[] = [];
  #panicSince: number | null = null;
  #panicPods = 0;

  constructor(settings: KpaSettings) {
    this.#settings = settings;
  }

  get isPanicking(): boolean {
    return this.#panicSince !== null;
  }

  /** @param concurrency of the whole fleet now @param ready pods, at least one counts */
  decide(now: number, ready: number, concurrency: number): number {
    const { bounds, stableSeconds, panicSeconds, scaleDownDelaySeconds } = this.#settings;
    this.#seen = [...this.#seen.filter(({ at }) => at > now - stableSeconds), { at: now, value: concurrency }];
    const pods = Math.max(1, ready);
    const stable = this.#wanted(meanSince(this.#seen, now - stableSeconds), pods);
    const panic = this.#wanted(meanSince(this.#seen, now - panicSeconds), pods);
    const wish = this.#panicOr(now, pods, stable, panic);
    this.#wishes = [...this.#wishes.filter(({ at }) => at > now - scaleDownDelaySeconds), { at: now, value: wish }];
    return within(bounds, Math.max(...this.#wishes.map(({ value }) => value)));
  }

  #wanted(concurrency: number, pods: number): { raw: number; limited: number } {
    const { target, maxScaleUp, maxScaleDown } = this.#settings;
    const raw = Math.ceil(concurrency / target);
    return { raw, limited: Math.min(Math.max(raw, Math.floor(pods / maxScaleDown)), Math.ceil(pods * maxScaleUp)) };
  }

  #panicOr(now: number, pods: number, stable: { limited: number }, panic: { raw: number; limited: number }): number {
    const { panicThreshold, stableSeconds } = this.#settings;
    if (panic.raw / pods >= panicThreshold) this.#panicSince = now;
    else if (this.#panicSince !== null && now - this.#panicSince > stableSeconds) {
      this.#panicSince = null;
      this.#panicPods = 0;
    }
    if (this.#panicSince === null) return stable.limited;
    this.#panicPods = Math.max(this.#panicPods, stable.limited, panic.limited);
    return this.#panicPods;
  }
}

export const kpa = (settings: KpaSettings): Policy => {
  const scaler = new KpaScaler(settings);
  return {
    name: 'kpa',
    periodSeconds: TICK_SECONDS,
    scrapeSeconds: SCRAPE_SECONDS,
    decide: (view) => {
      const window = view.window(TICK_SECONDS);
      const each = concurrencyPerPod(window);
      if (each === null) return { scale: view.scale, reason: 'NoMetrics', inputs: {} };
      const concurrency = each * window.readyReplicas;
      const replicas = scaler.decide(view.now, window.readyReplicas, concurrency);
      return { scale: { ...view.scale, replicas }, reason: scaler.isPanicking ? 'Panic' : 'Stable', inputs: { concurrency } };
    },
  };
};
