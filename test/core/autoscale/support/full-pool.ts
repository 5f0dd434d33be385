/**
 * Pods with a full pool, and evaluations one after another.
 *
 * @module
 */
import { recommend } from '../../../../src/core/autoscale/recommend.ts';
import type { AutoscaleSpec, PodSample } from '../../../../src/core/autoscale/types.ts';
import type { PodLoad } from './fleet.ts';
import { fleet, histogram, input, pods, spec, start } from './fleet.ts';

/** Length of a window. */
export const seconds = 15;

/** A pool of so many full slots that answers at this rate: Little's law gives the time of each request, `store` and `rest` share it. */
export const full = (threads: number, rate: number, offered: number, store: number, more: Partial<PodSample> = {}): PodLoad => {
  const service = threads / rate;
  const completions = rate * seconds;
  return {
    rate: offered,
    threads,
    cores: 4,
    sample: {
      model: 'threads',
      knob: 'threads',
      arrivals: offered * seconds,
      completions,
      rejected: (offered - rate) * seconds,
      inflightSeconds: threads * seconds + completions * 0.2,
      busyThreadSeconds: threads * seconds,
      inflight: threads + 12,
      queueDepth: 12,
      cpuSeconds: completions * 0.002,
      busiestProcessCpuSeconds: completions * 0.002,
      loopLagSeconds: null,
      request: histogram(completions, service + 0.2),
      queue: histogram(completions, 0.2),
      service: histogram(completions, service),
      store: histogram(completions, store),
      ...more,
    },
  };
};

/** Evaluations 20 s apart, memory carried. */
export const follow = (steps: readonly (readonly [replicas: number, load: PodLoad])[], more: Partial<AutoscaleSpec> = {}) => {
  let memory: unknown = null;
  return steps.map(([replicas, load], index) => {
    const answer = recommend(input(fleet({ replicas, threads: load.threads ?? 8, processes: 1 }, pods(replicas, load)), { memory, now: start + 20_000 * index, spec: spec({ threads: { max: 64 }, ...more }) }));
    ({ memory } = answer);
    return answer;
  });
};

/** One pod, evaluated every so many seconds; a raise is not carried out. */
export const everySeconds = (apart: number, loads: readonly PodLoad[]) => {
  let memory: unknown = null;
  return loads.map((load, step) => {
    const answer = recommend(input(fleet({ replicas: 1, threads: load.threads ?? 8, processes: 1 }, pods(1, load)), { memory, now: start + 1000 * apart * step, spec: spec({ threads: { max: 64 } }) }));
    ({ memory } = answer);
    return answer;
  });
};
