/**
 * The planned share of the CPU, corrected slowly by what the objective really did: the formula knows the mean cost of a request, and not how
 * bursty they come.
 *
 * @module
 */
import type { BottleneckClass } from '../../api/featureserver-status.ts';
import { cpuBound } from './capacity.ts';
import type { PodModel } from './capacity.ts';
import type { Facts } from './measure.ts';
import type { Memory } from './memory.ts';
import { clamp, significant } from './numbers.ts';
import type { AutoscaleSpec } from './types.ts';

/** Once a minute, and not within a minute of a move: a correction answers to a rest, not to a change. */
const EVERY_MS = 60_000;
const DOWN = 0.04;
const UP = 0.02;
/** What an incident took is given back, a little a minute, while the objective is met. */
const BACK = 0.005;
const LEAST = -0.3;
/** What is planned at the most leaves no room for more (capacity.ts). */
const MOST = 0.05;
/** p95 below this share of the objective leaves room. */
const COMFORTABLE = 0.7;

/** Where the CPU decides how long a request takes; elsewhere a share of it corrects nothing. */
const byCpu: ReadonlySet<BottleneckClass> = new Set<BottleneckClass>(['OK', 'CPU', 'GIL', 'LOOP']);

const isAtRest = ({ podsMovedAt, threadsMovedAt, learned }: Memory, { now, newestServesSince }: Facts): boolean =>
  now - Math.max(podsMovedAt ?? 0, threadsMovedAt ?? 0, learned.trimmedAt ?? 0, newestServesSince) >= EVERY_MS;

/** The step that is due: `share` of the objective that p95 takes, `used` share of what is planned for the CPU. */
const stepOf = (share: number, used: number, trim: number): number => {
  if (share > 1) return used >= 0.7 ? -DOWN : 0;
  if (share < COMFORTABLE && used >= 0.9) return UP;
  return trim < 0 ? BACK : 0;
};

/** Memory with the correction moved by a step, where a step is due. */
export const noteTrim = (memory: Memory, facts: Facts, model: PodModel | null, spec: AutoscaleSpec): Memory => {
  const { learned } = memory;
  if (model === null || model.unreachable || facts.response95 === null || facts.podRate === null || !byCpu.has(memory.class) || !isAtRest(memory, facts)) return memory;
  const used = facts.podRate / cpuBound(model, memory.scale.processes);
  const share = (1000 * facts.response95) / spec.objectiveMs;
  const step = stepOf(share, used / model.target, learned.trim);
  if (step === 0) return memory;
  return { ...memory, learned: { ...learned, trim: significant(clamp(learned.trim + step, LEAST, MOST)), trimmedAt: facts.now } };
};
