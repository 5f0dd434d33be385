/**
 * Gives each fleet of a local run its load, and tells what it is like from second to second.
 *
 * @module
 */
import { selectorLabels } from '../api/names.ts';
import type { FleetFacts } from '../local/fleet/fleet-facts.ts';
import type { Kubelet, RunningPod } from '../local/kubelet/kubelet.ts';
import { LoadProcess } from '../local/load/load-process.ts';
import type { LoadSecond } from '../local/load/second-stats.ts';
import type { Trace } from '../local/load/trace.ts';
import type { LocalArguments } from './local-arguments.ts';

export interface FleetLoadOptions {
  readonly kubelet: Kubelet;
  readonly arguments: LocalArguments;
  readonly trace: Trace;
  /** In how many seconds the trace passes once; undefined: in the duration of the run, or a minute. */
  readonly passSeconds: number | undefined;
  readonly onProcess: (group: number) => void;
  readonly onSecond: (key: string, second: LoadSecond) => void;
  readonly onFirstAnswer: () => void;
  readonly onCrash: (message: string) => void;
}

/** How long one pass of the trace takes when nothing else is said and the run has no end, seconds. */
const usualPassSeconds = 60;
const requestTimeoutMs = 10_000;
const maxOutstanding = 2_000;

/** The pods of one fleet. */
export const podsOf = (facts: Pick<FleetFacts, 'name' | 'namespace'>, pods: readonly RunningPod[]): RunningPod[] => {
  const wanted = Object.entries(selectorLabels(facts.name));
  return pods.filter(({ key, labels }) => key.startsWith(`${facts.namespace}/`) && wanted.every(([name, value]) => labels[name] === value));
};

const originsOf = (facts: FleetFacts, pods: readonly RunningPod[]): string[] =>
  podsOf(facts, pods)
    .filter(({ ready, ip }) => ready && ip !== undefined)
    .map(({ ip, ports }) => `http://${ip}:${ports.get(facts.servingPort) ?? facts.servingPort}`);

export class FleetLoads {
  readonly #options: FleetLoadOptions;
  readonly #loads = new Map<string, LoadProcess>();
  readonly #started = new Set<string>();

  constructor(options: FleetLoadOptions) {
    this.#options = options;
  }

  /** True once requests are sent to at least one fleet. */
  get running(): boolean {
    return this.#started.size > 0;
  }

  /** Starts the generator's process of a fleet before there is anything to send to, so that it is ready by then. */
  prepare(key: string): void {
    if (this.#loads.has(key)) return;
    const { onSecond, onFirstAnswer, onCrash, onProcess } = this.#options;
    const load = new LoadProcess({
      onSecond: (second) => onSecond(key, second),
      onFirstAnswer,
      onCrash: (code, output) => onCrash(`the load generator of ${key} ended with exit code ${code}: ${output.split('\n').at(-1) ?? ''}`),
    });
    onProcess(load.group);
    this.#loads.set(key, load);
  }

  /** Tells the generators which pods are ready; a fleet's load begins with its first. */
  update(fleets: readonly FleetFacts[]): void {
    const pods = this.#options.kubelet.running();
    for (const facts of fleets) {
      const load = this.#loads.get(facts.key);
      const origins = originsOf(facts, pods);
      load?.setEndpoints(origins);
      if (load === undefined || origins.length === 0 || this.#started.has(facts.key)) continue;
      this.#started.add(facts.key);
      this.#start(load, facts);
    }
  }

  /** Ends all loads; their last seconds are reported before this resolves. */
  async stop(): Promise<void> {
    await Promise.all([...this.#loads.values()].map((load) => load.stop()));
    this.#loads.clear();
  }

  #start(load: LoadProcess, { objectiveMs }: FleetFacts): void {
    const { seed, mix, scale, durationMs } = this.#options.arguments;
    const { trace, passSeconds } = this.#options;
    load.start({
      seed,
      spacing: 'poisson',
      mix,
      scale,
      trace: { points: [...trace.points], lengthSeconds: trace.lengthSeconds },
      endAfterSeconds: durationMs === undefined ? null : durationMs / 1000,
      durationSeconds: passSeconds ?? (durationMs === undefined ? usualPassSeconds : durationMs / 1000),
      path: '/get-online-features',
      timeoutMs: requestTimeoutMs,
      maxOutstanding,
      objectiveMs,
    });
  }
}
