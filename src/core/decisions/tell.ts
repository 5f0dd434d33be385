/**
 * Which decisions are worth a line of the operator's log, and the line: who reads it wants what changed, not each evaluation.
 *
 * @module
 */
import type { Scale } from '../../api/featureserver-status.ts';
import { reasons } from '../autoscale/reasons.ts';
import type { Recommendation } from '../autoscale/types.ts';
import type { Evaluation } from './record.ts';

/** What stands is told again after so long a time, milliseconds. */
const AGAIN_MS = 60_000;
/** Candidates of a line; the file has all. */
const MOST_CANDIDATES = 3;

/** What was told last of one object. */
export interface Told {
  at: number;
  class: string;
  what: string;
  /** Evaluations since then that said the same. */
  same: number;
}

const knobs = ['replicas', 'threads', 'processes'] as const;
const isMove = (from: Scale, to: Scale): boolean => knobs.some((knob) => from[knob] !== to[knob]);

/** Pods would be needed and are not asked for, because they would not help. */
const refusals: readonly string[] = [reasons.podsCannotHelp, reasons.objectiveUnreachable];
const isRefusal = ({ guard, boundBy, reason }: Recommendation): boolean => guard !== null || boundBy !== null || refusals.includes(reason);

const gist = ({ input, output }: Evaluation): string =>
  isMove(input.windows.current, output.scale) || isRefusal(output)
    ? JSON.stringify([input.windows.current, output.scale, output.reason, output.guard, output.boundBy])
    : '';

/**
 * Whether an evaluation is to be told: it moves something, refuses a needed move or changes the class, and that was not
 * said within the last minute.
 */
export const tell = (before: Told | undefined, evaluation: Evaluation): { line: Record<string, unknown> | null; told: Told } => {
  const { input, output } = evaluation;
  const what = gist(evaluation);
  const fresh = { at: input.now, class: output.class, what, same: 0 };
  if (before === undefined) return { line: what === '' ? null : compact(evaluation, before), told: fresh };
  if (isNews(before, evaluation, what)) return { line: compact(evaluation, before), told: fresh };
  return { line: null, told: { ...fresh, at: before.at, same: before.same + 1 } };
};

const isNews = (before: Told, { input, output }: Evaluation, what: string): boolean => {
  if (output.class !== before.class) return true;
  if (what === '') return false;
  return what !== before.what || Math.abs(input.now - before.at) >= AGAIN_MS;
};

/** The decision without the windows and the memory. */
const compact = ({ object, input, output }: Evaluation, before: Told | undefined): Record<string, unknown> => {
  const { memory: _memory, message: _message, candidates, scale, measured, ...rest } = output;
  const { reporting, pods } = coverageOf(input.windows.pods);
  return {
    object: `${object.namespace}/${object.name}`,
    uid: object.uid,
    from: input.windows.current,
    to: scale,
    ...rest,
    ...(before !== undefined && before.class !== output.class ? { classBefore: before.class } : {}),
    measured: { ...measured, pods, reporting },
    candidates: candidates.slice(0, MOST_CANDIDATES),
    ...(before !== undefined && before.same > 0 ? { evaluationsSinceLastLine: before.same } : {}),
  };
};

const coverageOf = (pods: Evaluation['input']['windows']['pods']): { pods: number; reporting: number } => ({
  pods: pods.length,
  reporting: pods.filter(({ sample }) => sample !== null).length,
});
