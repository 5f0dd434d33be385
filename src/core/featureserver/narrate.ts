/**
 * The events of one reconcile: what happened and why, in the words of plan, decision and conditions.
 *
 * @module
 */
import { conditionTypes } from '../../api/conditions.ts';
import type { BottleneckClass, FeatureServerStatus } from '../../api/featureserver-status.ts';
import type { Decided } from './decide.ts';
import type { Outcome } from './outcome.ts';
import { planReasons } from './plan.ts';
import type { Plan } from './plan.ts';

export interface Narration {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** Reasons of events beside those of decisions, plans and conditions. */
export const eventReasons = { classChanged: 'BottleneckChanged', recovered: 'Recovered' } as const;

/** Events worth telling; the recorder drops repetitions. */
export const narrate = (previous: FeatureServerStatus | undefined, next: FeatureServerStatus, plan: Plan, decided: Decided, outcome: Outcome): Narration[] => [
  ...writes(plan, outcome),
  ...move(decided, outcome),
  ...stalled(previous, next),
  ...classChange(previous, next),
];

/** Creations and updates follow from what the user did; only what he did not do is told, and the birth of the Deployment. */
const writes = (plan: Plan, outcome: Outcome): Narration[] => {
  const done = plan.actions.filter(({ role }) => outcome.applied.includes(role));
  const told = done.filter(({ role, reason }) => reason === planReasons.repaired || reason === planReasons.removed || (reason === planReasons.created && role === 'deployment'));
  return dedupe(told.map(({ reason, message }) => ({ type: 'Normal', reason, message })));
};

const dedupe = (events: Narration[]): Narration[] => events.filter((event, index) => events.findIndex(({ reason }) => reason === event.reason) === index);

const move = ({ move: moved }: Decided, outcome: Outcome): Narration[] => {
  if (moved === null || outcome.failures.length > 0) return [];
  const { from, to } = moved;
  const size = ({ replicas, threads, processes }: typeof from): string => `${replicas} × ${processes} × ${threads}`;
  return [{ type: 'Normal', reason: moved.reason, message: `${size(from)} → ${size(to)} (pods × processes × threads): ${moved.message}` }];
};

const stalled = (previous: FeatureServerStatus | undefined, next: FeatureServerStatus): Narration[] => {
  const before = conditionOf(previous, conditionTypes.stalled);
  const now = conditionOf(next, conditionTypes.stalled);
  if (now?.status === 'True' && (before?.status !== 'True' || before.reason !== now.reason)) return [{ type: 'Warning', reason: now.reason, message: now.message }];
  if (now?.status === 'False' && before?.status === 'True') return [{ type: 'Normal', reason: eventReasons.recovered, message: `no longer stalled by ${before.reason}` }];
  return [];
};

const conditionOf = (status: FeatureServerStatus | undefined, type: string) => status?.conditions?.find((condition) => condition.type === type);

const classChange = (previous: FeatureServerStatus | undefined, next: FeatureServerStatus): Narration[] => {
  const before = previous?.bottleneck?.class;
  const now = next.bottleneck;
  if (now === undefined || before === undefined || before === now.class) return [];
  return [{ type: 'Normal', reason: eventReasons.classChanged, message: `${classSentence(before, now.class)}: ${now.evidence}` }];
};

const classSentence = (before: BottleneckClass, now: BottleneckClass): string => {
  if (now === 'UNKNOWN') return 'what limits the fleet cannot be told';
  if (now !== 'OK') return `limited by ${now}`;
  return before === 'UNKNOWN' ? 'nothing limits the fleet' : `no longer limited by ${before}`;
};
