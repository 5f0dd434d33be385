/** Questions for `plateau recommend`: one fleet of so many pods, evaluated every five seconds with the memory of the answer before. @module */
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { RecommendInput } from '../../../src/core/autoscale/types.ts';
import { fleet, input, pods, spec } from '../../core/autoscale/support/fleet.ts';

/** Requests per second of a pod: a fleet at work, neither idle nor full. */
const RATE = 150;
const start = Date.parse('2026-03-01T00:00:00Z');

/** The inputs of `count` evaluations. */
export const inputs = (podCount: number, count: number): RecommendInput[] => {
  const windows = fleet({ replicas: podCount, threads: 8, processes: 1 }, pods(podCount, { rate: RATE }));
  const limits = spec({ replicas: { min: 1, max: 2 * podCount } });
  let memory: unknown = null;
  return Array.from({ length: count }, (_, index) => {
    const given = input(windows, { spec: limits, memory, now: start + 5000 * index });
    ({ memory } = recommend(given));
    return given;
  });
};
