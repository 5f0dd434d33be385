/**
 * The monitoring of a simulated fleet: scrapes each pod on its own beat and hands out windows.
 *
 * @module
 */
import type { FleetWindow } from '../core/autoscale/types.ts';
import type { Fleet } from './fleet.ts';
import type { Pod } from './pod.ts';
import type { Conditions } from './profile.ts';
import type { RandomStream } from './random.ts';
import { podWindow, Scrapes } from './scrapes.ts';

/** The moment that the epoch calls the start of a run. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

export class Observer {
  readonly #fleet: Fleet;
  readonly #scrapes = new Map<Pod, Scrapes>();
  readonly #edges: readonly number[];
  readonly #random: RandomStream;
  readonly #period: number;
  #conditions: Conditions;
  #generation = 1;

  /** @param period of the scrapes of one pod, seconds */
  constructor(fleet: Fleet, edges: readonly number[], conditions: Conditions, random: RandomStream, period: number) {
    this.#fleet = fleet;
    this.#edges = edges;
    this.#conditions = conditions;
    this.#random = random;
    this.#period = period;
    for (const pod of fleet.readyPods) this.#watch(pod, 0);
    fleet.onReady = (pod, now) => this.#watch(pod, now);
  }

  /** Other conditions from now on. */
  reconfigure(conditions: Conditions): void {
    this.#conditions = conditions;
  }

  /** The pool has another size from now on: a new generation. */
  noteResize(): void {
    this.#generation += 1;
  }

  window(seconds: number): FleetWindow {
    const { now, scale, pods } = this.#fleet;
    const view = { edges: this.#edges, conditions: this.#conditions, generation: this.#generation };
    const known = now - this.#conditions.scrapeDelaySeconds;
    const staying = pods.filter((pod) => !pod.leaving);
    return {
      current: { ...scale },
      readyReplicas: staying.filter(({ readyAt }) => readyAt !== null).length,
      terminating: pods.length - staying.length,
      rollingOut: false,
      templateHash: this.#conditions.template,
      blocked: null,
      pods: staying.map((pod) => podWindow(pod, this.#scrapes.get(pod)?.sample(seconds, known, now, view) ?? null, this.#conditions, EPOCH_MS)),
    };
  }

  arrivals(seconds: number): number {
    const known = this.#fleet.now - this.#conditions.scrapeDelaySeconds;
    return this.#fleet.pods.reduce((sum, pod) => sum + (pod.leaving ? 0 : (this.#scrapes.get(pod)?.arrivals(seconds, known) ?? 0)), 0);
  }

  /** At a random moment of the first period, so that pods are not read in step. */
  #watch(pod: Pod, now: number): void {
    const scrapes = new Scrapes(pod);
    this.#scrapes.set(pod, scrapes);
    const scrape = (at: number): void => {
      if (pod.leaving) {
        this.#scrapes.delete(pod);
        return;
      }
      pod.advance(at);
      scrapes.take(at, this.#conditions.scrapeNoise, this.#random);
      this.#fleet.agenda.add(at + this.#period, scrape);
    };
    this.#fleet.agenda.add(now + this.#random.uniform() * this.#period, scrape);
  }
}
