/**
 * Runs the law over recordings as the operator would have: evaluation after evaluation, its memory carried.
 *
 * @module
 */
import type { BottleneckClass, Scale } from '../../../src/api/featureserver-status.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { bounds, reasons } from '../../../src/core/autoscale/reasons.ts';
import { inputOf } from './recording.ts';
import type { Evaluation, Recording } from './recording.ts';

export interface Judged {
  readonly phase: Evaluation['phase'];
  readonly sinceOnsetSeconds: number;
  readonly seconds: number;
  readonly class: BottleneckClass;
  /** The law changed something, or would have had more pods if it might, and why. */
  readonly moves: boolean;
  readonly reason: string;
  readonly scale: Scale;
  readonly evidence: string;
  /** Threads that were asked for over the window, and answers a second. */
  readonly threads: number;
  readonly answered: number;
  readonly p95Ms: number | null;
}

export interface Verdict {
  readonly recording: Recording;
  readonly truth: BottleneckClass;
  /** The class at the end of the run; THREADS where more threads took the limit away. */
  readonly found: BottleneckClass;
  /** From the cause to the first evaluation with the right class, seconds; null when it never came. */
  readonly secondsToTruth: number | null;
  readonly judged: readonly Judged[];
}

const isMove = (from: Scale, to: Scale): boolean => from.replicas !== to.replicas || from.threads !== to.threads || from.processes !== to.processes;

/** The law's view of one run. */
export const judge = (recording: Recording): Verdict => {
  const judged: Judged[] = [];
  let memory: unknown = null;
  for (const evaluation of recording.evaluations) {
    const result = recommend(inputOf(evaluation, memory));
    ({ memory } = result);
    const { phase, sinceOnsetSeconds, input } = evaluation;
    const { reason, evidence, scale } = result;
    const { answered, p95Ms } = { answered: result.measured.requestsPerSecond ?? 0, p95Ms: result.measured.p95Ms };
    judged.push({ phase, sinceOnsetSeconds, seconds: input.spec.evaluation.periodMs / 1000, class: result.class, moves: isMove(input.windows.current, scale) || result.boundBy === bounds.max, reason, scale, evidence, threads: input.windows.current.threads, answered, p95Ms });
  }
  const { truth } = recording.head;
  const cure = cureOf(judged, recording);
  const right = judged.find((one) => one.phase === 'during' && one.class === truth);
  return { recording, truth, found: cure === undefined ? (judged.at(-1)?.class ?? 'UNKNOWN') : 'THREADS', secondsToTruth: right?.sinceOnsetSeconds ?? null, judged };
};

/** So many times the answers are an effect: less is what a proof of a full store calls the same (src/core/autoscale/proof.ts). */
const GAIN = 1.1;

/** Evaluations from a raise on in which its class may still come: it lasts only once three of four say so. */
const NAMED_WITHIN = 4;

/**
 * The first time that threads were added, if the law named THREADS for it, and the pool then answered more than the closed loop before the cause got from
 * it, or p95 came under the objective: they were too few, and after that another limit may show. Not the truth is looked at but what the law said and did.
 */
const cureOf = (judged: readonly Judged[], { head, evaluations }: Recording): Judged | undefined => {
  const objectiveMs = evaluations[0]?.input.spec.objectiveMs ?? 0;
  const during = judged.filter(({ phase }) => phase === 'during');
  const end = during.at(-1);
  const raised = during.find(({ reason, scale, threads }) => reason === reasons.threadsBelowFloor && scale.threads > threads);
  if (end === undefined || raised === undefined) return undefined;
  const named = during.slice(0, during.indexOf(raised) + NAMED_WITHIN).some(({ class: found }) => found === 'THREADS');
  if (!named) return undefined;
  const isMet = (end.p95Ms ?? Infinity) <= objectiveMs && (raised.p95Ms ?? 0) > objectiveMs;
  return isMet || end.answered >= GAIN * head.capacityPerSecond ? raised : undefined;
};

export interface FalseAlarms {
  /** Hours of healthy fleets that were looked at. */
  readonly hours: number;
  /** Times that a fleet without a problem got a class that names one. */
  readonly alarms: number;
  /** Evaluations in which such a class came with a move. */
  readonly actions: number;
}

const isAlarm = ({ class: found }: Pick<Judged, 'class'>): boolean => found !== 'OK' && found !== 'UNKNOWN';

/** Alarms on healthy time: whole runs whose truth is OK, and the time before the cause of all others. */
export const falseAlarms = (verdicts: readonly Verdict[]): FalseAlarms => {
  const spans = verdicts.map(({ truth, judged }) => judged.filter(({ phase }) => phase === 'before' || truth === 'OK'));
  const alarms = spans.map((span) => span.filter((one, index) => isAlarm(one) && span[index - 1]?.class !== one.class).length);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    hours: sum(spans.flat().map(({ seconds }) => seconds)) / 3600,
    alarms: sum(alarms),
    actions: spans.flat().filter((one) => isAlarm(one) && one.moves).length,
  };
};
