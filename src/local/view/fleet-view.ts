/**
 * What is shown of a fleet at one moment, and the words for it.
 *
 * @module
 */
import { conditionTypes } from '../../api/conditions.ts';
import type { Decision } from '../../api/featureserver-status.ts';
import { reasons } from '../../api/reasons.ts';
import type { FleetFacts } from '../fleet/fleet-facts.ts';
import type { PoolModel } from '../fleet/pool-models.ts';
import type { LoadSecond } from '../load/second-stats.ts';

export interface FleetView {
  readonly facts: FleetFacts;
  /** Seconds of load so far, the newest last. */
  readonly seconds: readonly LoadSecond[];
  /** Mean CPU of a pod over the last second, cores; undefined where it cannot be read. */
  readonly cpuPerPod: number | undefined;
  /** What kind of pool a pod of it says that it is; undefined until one has answered. */
  readonly model: PoolModel | undefined;
  /** Oldest first, with the second of the run in which it was seen. */
  readonly decisions: readonly { readonly t: number; readonly decision: Decision }[];
}

/** `12 s`, right-aligned so that lines stand under one another. */
export const clock = (seconds: number): string => `${String(Math.round(seconds)).padStart(4)} s`;

/** Milliseconds with the digits that matter: `4.2 ms`, `38 ms`, `1.2 s`. */
export const milliseconds = (ms: number | null): string => {
  if (ms === null) return 'no answer';
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** One decision in one sentence: what changed, and why. */
export const decisionSentence = ({ from, to, reason, message }: Decision): string => {
  const changes = [
    from.threads === to.threads ? '' : `threads ${from.threads} → ${to.threads}`,
    from.processes === to.processes ? '' : `processes ${from.processes} → ${to.processes}`,
    from.replicas === to.replicas ? '' : `pods ${from.replicas} → ${to.replicas}`,
  ].filter((change) => change !== '');
  return `${changes.length === 0 ? 'no change' : changes.join(', ')} (${reason}): ${message}`;
};

const gilWords = { on: 'GIL', off: 'GIL off', none: 'no GIL' } as const;

/** `threads (GIL)`, `eventloop (no GIL)`: what turns a request around, and whether an interpreter lock is in its way. */
export const modelWords = ({ model, gil }: PoolModel): string => `${model} (${gilWords[gil]})`;

/** How large a fleet is and what it uses. A size is in threads as in `kubectl get fsrv`, for an event loop the in-flight limit. */
export const sizeWords = ({ facts, cpuPerPod, model }: FleetView): string[] => [
  ...(model === undefined ? [] : [modelWords(model)]),
  `${facts.readyReplicas}/${counted(facts.replicas, 'pod')} ready`,
  counted(facts.threads, 'thread'),
  `${facts.processes} ${facts.processes === 1 ? 'process' : 'processes'}`,
  `CPU ${cpuPerPod === undefined ? '?' : cpuPerPod.toFixed(2)} core/pod`,
];

/** The state of a fleet in one line. */
export const stateLine = (fleet: FleetView): string => {
  const { facts, seconds } = fleet;
  const last = seconds.at(-1);
  return [
    `${String(last?.sent ?? 0).padStart(4)} req/s`,
    `p95 ${milliseconds(last?.p95Ms ?? null)} (objective ${milliseconds(facts.objectiveMs)})`,
    ...sizeWords(fleet),
    facts.class,
    ...(last !== undefined && last.failed > 0 ? [`${last.failed} failed`] : []),
  ].join('  ');
};

/** What keeps a fleet from serving, in the operator's words; undefined while nothing does. */
export const trouble = ({ conditions }: FleetFacts): string | undefined => {
  const stalled = conditions.find(({ type, status }) => type === 'Stalled' && status === 'True');
  return stalled === undefined ? undefined : `${stalled.reason}: ${stalled.message}`;
};

/** Why the operator says that no size of the fleet can meet the objective; undefined while it does not. */
export const unreachable = ({ conditions }: FleetFacts): string | undefined => {
  const found = conditions.find(({ type, reason }) => type === conditionTypes.objectiveMet && reason === reasons.objectiveUnreachable);
  return found === undefined ? undefined : `${found.reason}: ${found.message}`;
};
