/**
 * The pool configuration of each pod: threads, processes, objective, and the generation that orders changes.
 *
 * @module
 */
import { poolConfigSchema } from '../../api/protocol.ts';
import type { PoolConfig } from '../../api/protocol.ts';
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import { poolConfigKey } from '../specs/pool-config.ts';
import { scalesThreads } from './effective-mode.ts';
import { textAt } from './manifest.ts';
import type { Manifest } from './manifest.ts';

export interface PoolInput {
  mode: string;
  paused: boolean;
  threads: { min: number; max: number; initial: number };
  processes: { min: number; max: number };
  objectiveMs: number;
  /** What the ConfigMap says, null when it is absent, unreadable, or written by somebody else. */
  current: PoolConfig | null;
  previous: Pick<FeatureServerStatus, 'threads' | 'decisions'>;
  /** Null when there is none or it is too old. `basis` is the pool it was made on. */
  recommendation: { threads: number; processes: number; basis: { threads: number; processes: number }; reason: string; message: string } | null;
  /** Of the operator's Lease; 0 without an election. */
  leaseTransitions: number;
  /** Highest generation that a pod reports; 0 when none does. */
  highestInPods: number;
}

export interface PoolDecision {
  config: PoolConfig;
  /** Threads or processes move: a decision, to be told. Null when they stay. */
  move: { reason: string; message: string } | null;
}

/** Pool configuration in a ConfigMap, or null when there is none that can be read. */
export const poolConfigOf = (configMap: Manifest | null): PoolConfig | null => {
  const text = configMap === null ? undefined : textAt(configMap, 'data', poolConfigKey);
  if (text === undefined) return null;
  try {
    return poolConfigSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

/** Decides the pool configuration; the generation rises only when something else in it changes. */
export const decidePool = (input: PoolInput): PoolDecision => {
  const base = input.current ?? remembered(input);
  const wanted = wantedSize(input, base);
  const config = { threads: wanted.threads, processes: wanted.processes, objectiveMs: input.objectiveMs };
  const same = input.current !== null && sameContent(input.current, config) && input.highestInPods <= input.current.generation;
  const generation = same && input.current !== null ? input.current.generation : nextGeneration(input);
  return { config: { ...config, generation }, move: wanted.move };
};

const remembered = ({ previous, threads, processes }: PoolInput): { threads: number; processes: number } => ({
  threads: previous.threads?.desired ?? threads.initial,
  processes: previous.decisions?.[0]?.to.processes ?? processes.min,
});

interface Wanted {
  threads: number;
  processes: number;
  move: PoolDecision['move'];
}

const wantedSize = (input: PoolInput, base: { threads: number; processes: number }): Wanted => {
  const { recommendation } = input;
  if (input.paused || input.mode === 'Recommend') return { threads: base.threads, processes: base.processes, move: null };
  if (recommendation !== null && scalesThreads(input.mode) && samePool(recommendation.basis, base)) {
    const { threads, processes, reason, message } = recommendation;
    const moved = !samePool(recommendation, base);
    return { threads, processes, move: moved ? { reason, message } : null };
  }
  const threads = clamp(base.threads, input.threads);
  const processes = clamp(base.processes, input.processes);
  const moved = !samePool({ threads, processes }, base);
  const message = `the bounds of the spec allow ${threads} threads and ${processes} processes, not ${base.threads} and ${base.processes}`;
  return { threads, processes, move: moved ? { reason: 'OutsideBounds', message } : null };
};

const clamp = (value: number, { min, max }: { min: number; max: number }): number => Math.max(min, Math.min(max, value));

const samePool = (a: { threads: number; processes: number }, b: { threads: number; processes: number }): boolean =>
  a.threads === b.threads && a.processes === b.processes;

const sameContent = (a: Omit<PoolConfig, 'generation'>, b: Omit<PoolConfig, 'generation'>): boolean =>
  samePool(a, b) && a.objectiveMs === b.objectiveMs;

const termSize = 2 ** 32;

/**
 * Above everything seen: the present configuration, the pods (a ConfigMap may have been deleted), and all of earlier
 * leaders. Lease transitions begin at 0 again when the Lease was deleted, hence the maximum rather than the sum alone.
 */
const nextGeneration = ({ current, leaseTransitions, highestInPods }: PoolInput): number =>
  Math.max((current?.generation ?? 0) + 1, highestInPods + 1, leaseTransitions * termSize + 1);
