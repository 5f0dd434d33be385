/**
 * A condition before it has a time: what is the case, why, and in a sentence.
 *
 * @module
 */
import type { Condition } from '../../api/featureserver-status.ts';
import type { ConditionType } from '../../api/conditions.ts';
import type { Reason } from '../../api/reasons.ts';

export interface Verdict {
  status: 'True' | 'False' | 'Unknown';
  reason: Reason;
  message: string;
}

export type Verdicts = Readonly<Record<ConditionType, Verdict>>;

/** Longest message of a condition, characters: the API server refuses more than 32768, and the status has to stay small. */
const longestMessage = 700;

export const verdict = (status: Verdict['status'], reason: Reason, message: string): Verdict => ({ status, reason, message: shorten(message) });

const shorten = (message: string): string => (message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`);

/** Gives verdicts their times: `lastTransitionTime` moves only when the status does. `now` in milliseconds. */
export const conditionsOf = (verdicts: Partial<Verdicts>, previous: readonly Condition[], generation: number, now: number): Condition[] =>
  Object.entries(verdicts).map(([type, { status, reason, message }]) => {
    const before = previous.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timestamp(now);
    return { type, status, reason, message, lastTransitionTime, observedGeneration: generation };
  });

/** RFC 3339 with seconds, as metav1.Time is written. */
export const timestamp = (now: number): string => `${new Date(now).toISOString().slice(0, 19)}Z`;
