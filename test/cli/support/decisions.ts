/** Recorded decisions of fleets under a load that comes and goes. @module */
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { AutoscaleSpec } from '../../../src/core/autoscale/types.ts';
import { recordLine } from '../../../src/core/decisions/record.ts';
import { fleet, pods, spec, start } from '../../core/autoscale/support/fleet.ts';

/** `count` lines of one object, evaluated every five seconds; each recommendation is carried out at once. */
export const recorded = (count: number, name = 'ranking', limits: AutoscaleSpec = spec({ replicas: { min: 1, max: 4 } })): string[] => {
  let memory: unknown = null;
  let scale = { replicas: 2, threads: 8, processes: 1 };
  return Array.from({ length: count }, (_, index) => {
    const rate = 400 + 1500 * Math.abs(((index % 120) - 60) / 60);
    const input = { spec: limits, windows: fleet(scale, pods(scale.replicas, { rate: rate / scale.replicas, threads: scale.threads })), memory, now: start + 5000 * index };
    const output = recommend(input);
    ({ scale, memory } = output);
    return recordLine({ object: { namespace: 'shop', name, uid: `uid-${name}` }, input, output });
  });
};
