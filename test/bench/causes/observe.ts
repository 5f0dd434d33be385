/**
 * Watches one server as the operator does: scrapes its admin port on the operator's beat and puts its windows together.
 *
 * @module
 */
import type { Agent } from 'undici';
import type { AutoscaleSpec, FleetWindow, RecommendInput } from '../../../src/core/autoscale/types.ts';
import { scrapePeriodMs } from '../../../src/controllers/scrape/autoscaler-loop.ts';
import { podAgent } from '../../../src/controllers/scrape/bounded-request.ts';
import { fleetWindow } from '../../../src/controllers/scrape/fleet-window.ts';
import type { FleetState } from '../../../src/controllers/scrape/ports.ts';
import { Scraper } from '../../../src/controllers/scrape/scraper.ts';
import { seededRandom } from '../../../src/local/load/random.ts';
import type { Logger } from '../../../src/runtime/ports.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';

export interface Watched {
  readonly adminPort: number;
  readonly size: { readonly threads: number; readonly processes: number };
  readonly coreLimit: number | null;
  readonly spec: AutoscaleSpec;
  readonly live: NonNullable<FleetWindow['live']>;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly readyAt: number;
}

const pod = 'pod';
const fleet = 'bench/causes';
const clock = systemClock();
const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => silent };

export class Watch {
  readonly #watched: Watched;
  #size: Watched['size'];
  readonly #agent: Agent = podAgent();
  readonly #scraper = new Scraper({ clock, random: seededRandom(1), dispatcher: this.#agent, logger: silent });

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#size = watched.size;
    const { periodMs, windowMs } = watched.spec.evaluation;
    const target = this.#target();
    this.#scraper.setTargets(fleet, [target], { periodMs: scrapePeriodMs(periodMs), windowMs });
  }

  /** What the law would be given now. */
  input(): Omit<RecommendInput, 'memory'> {
    return { spec: this.#watched.spec, windows: fleetWindow(this.#state(), this.#scraper), now: clock.now() };
  }

  /** The pool is asked for another size from now on. */
  noteSize(size: Watched['size']): void {
    this.#size = size;
  }

  async stop(): Promise<void> {
    this.#scraper.stop();
    await this.#agent.destroy();
  }

  #target() {
    return { key: pod, name: fleet, host: '127.0.0.1', port: this.#watched.adminPort, incarnation: '1' };
  }

  #state(): FleetState {
    const { coreLimit, spec, startedAt, readyAt, live } = this.#watched;
    return {
      spec,
      current: { replicas: 1, ...this.#size },
      uid: fleet,
      readyReplicas: 1, terminating: 0, rollingOut: false, templateHash: 'bench', blocked: null, live, storedMemory: null,
      pods: [{ name: pod, node: null, templateHash: 'bench', ready: true, startedAt, readyAt, coreLimit, target: this.#target() }],
    };
  }
}
