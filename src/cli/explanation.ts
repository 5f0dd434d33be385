/**
 * Why a fleet is as it is, out of its FeatureServer: what `plateau explain` says, before it is laid out.
 *
 * @module
 */
import { conditionTypes } from '../api/conditions.ts';
import { durationMs } from '../api/duration.ts';
import type { BottleneckClass, Condition, Decision, FeatureServerStatus, ObservedStatus, Scale } from '../api/featureserver-status.ts';
import type { FeatureServer } from '../api/featureserver.ts';
import { annotations } from '../api/names.ts';
import { reasons } from '../api/reasons.ts';
import { reasons as decisionReasons } from '../core/autoscale/reasons.ts';
import { showDuration } from '../local/apiserver/table/age.ts';

export interface Explanation {
  namespace: string;
  name: string;
  mode: string;
  paused: boolean;
  objective: string;
  /** One sentence on the objective. */
  objectiveText: string;
  /** What limits the fleet; null before anything was measured. */
  cause: { class: BottleneckClass; text: string; since: string; evidence: string } | null;
  size: { pods: number | null; ready: number | null; threads: number | null; processes: number | null };
  /** What this mode would have, and in Recommend and Off what Auto would; null before anything was measured. */
  recommendation: Scale | null;
  measured: ObservedStatus | null;
  /** Newest first. */
  decisions: Decision[];
  /** What keeps Plateau from doing more, and what its guards cut. */
  refused: string[];
  /** What a reader has to know before he believes the rest: modes, pauses, data that is missing or old. */
  notes: string[];
  advice: string[];
}

/** Each class in words. */
const causes: Readonly<Record<BottleneckClass, string>> = {
  UNKNOWN: 'what limits the fleet cannot be told',
  STEAL: 'something else on its nodes takes the CPU',
  THROTTLED: 'the CPU limit stops the pods in the middle of requests',
  GIL: 'one interpreter lock is the ceiling of each process',
  LOOP: 'one event loop is the ceiling of each process',
  STORE: 'the feature store is the ceiling: more pods or threads get no more answers from it',
  LOCK: 'the threads wait for a lock or a connection pool of the application',
  THREADS: 'requests wait for a thread while CPU is left',
  CPU: 'the pods use the CPU that they have',
  OK: 'nothing limits the fleet',
};

/** Reasons that say why nothing is added. */
const refusals: ReadonlySet<string> = new Set([decisionReasons.podsCannotHelp, decisionReasons.objectiveUnreachable]);

/** The status is refreshed once a minute while measuring goes on. */
const STALE_MS = 180_000;

const conditionOf = (status: FeatureServerStatus, type: string): Condition | undefined => status.conditions?.find((condition) => condition.type === type);
const told = ({ reason, message }: Condition): string => `${reason}: ${message}`;

const objectiveText = (p95: string, status: FeatureServerStatus): string => {
  const condition = conditionOf(status, conditionTypes.objectiveMet);
  const { p95: measured, p95IsLowerBound } = status.observed ?? {};
  const figure = measured === undefined ? 'p95 is not known' : `p95 ${p95IsLowerBound === true ? 'is at least' : 'is'} ${measured}`;
  if (condition?.status === 'True') return `${figure}; the objective of ${p95} is met`;
  if (condition?.status === 'False') return `${figure}; the objective of ${p95} is missed${condition.reason === reasons.objectiveUnreachable ? ` and cannot be reached: ${condition.message}` : ''}`;
  return `${figure}; whether the objective of ${p95} is met cannot be told${condition === undefined ? '' : ` (${condition.message})`}`;
};

const causeOf = (status: FeatureServerStatus): Explanation['cause'] => {
  const { bottleneck } = status;
  if (bottleneck === undefined) return null;
  const isUnexplained = bottleneck.class === 'OK' && conditionOf(status, conditionTypes.objectiveMet)?.status === 'False';
  const text = isUnexplained ? 'none of the known limits is seen, and yet the objective is missed' : causes[bottleneck.class];
  return { class: bottleneck.class, text, since: bottleneck.since, evidence: bottleneck.evidence };
};

/** Reasons of moves that a guard made itself, and of experiments. */
const ownMoves: ReadonlySet<string> = new Set([decisionReasons.moveUndone, decisionReasons.outsideBounds, decisionReasons.concurrencyCap, decisionReasons.concurrencyCut]);

const guardText = ({ at, guard, boundBy, reason }: Decision): string[] => {
  if ((guard === undefined && boundBy === undefined) || ownMoves.has(reason)) return [];
  return [`the move of ${at} was cut ${guard === undefined ? '' : `by the guard ${guard}`}${guard !== undefined && boundBy !== undefined ? ', ' : ''}${boundBy === undefined ? '' : `at the limit ${boundBy}`}`];
};

const scaleOf = ({ replicas, threads, processes }: Scale): Scale => ({ replicas, threads, processes });

/** What was not done at the newest evaluation: a guard held it, or no pod could have helped. */
const heldText = ({ recommendation }: FeatureServerStatus): string[] => {
  const { reason, message, guard } = recommendation ?? {};
  // A guard that moves a knob by itself, or lets a part of a move through, has refused nothing: the decision tells of it.
  if (message === undefined || !/: nothing moves\b/u.test(message) || !(guard !== undefined || refusals.has(reason ?? ''))) return [];
  return [`${guard ?? reason}: ${message}`];
};

const refusedOf = (status: FeatureServerStatus): string[] => {
  const limited = conditionOf(status, conditionTypes.scalingLimited);
  const held = heldText(status);
  const [newest] = status.decisions ?? [];
  const limit = limited?.status === 'True' && !held.some((text) => text.endsWith(limited.message)) ? [told(limited)] : [];
  return [...held, ...limit, ...(newest === undefined ? [] : guardText(newest))];
};

const stateNotes = ({ metadata, status }: FeatureServer): string[] => {
  if (metadata.deletionTimestamp !== undefined) return ['the object is being deleted'];
  if (status === undefined || status.observedGeneration === undefined) {
    return ['the operator has not written a status yet: is it running, and does it watch this namespace?'];
  }
  const behind = status.observedGeneration < metadata.generation;
  return behind ? [`the status speaks of generation ${status.observedGeneration} of the spec and not yet of ${metadata.generation}`] : [];
};

/** Conditions that change how the rest is to be read, with what makes them do so. */
const conditionNotes = (status: FeatureServerStatus): string[] => {
  const spoken: readonly [type: string, isWorthIt: (condition: Condition) => boolean][] = [
    [conditionTypes.stalled, (condition) => condition.status === 'True'],
    [conditionTypes.ready, (condition) => condition.status !== 'True'],
    [conditionTypes.scalingActive, (condition) => condition.reason !== reasons.active],
    [conditionTypes.metricsHealthy, (condition) => condition.status !== 'True'],
  ];
  const notes = spoken.flatMap(([type, isWorthIt]) => {
    const condition = conditionOf(status, type);
    return condition !== undefined && isWorthIt(condition) ? [`${type}=${condition.status} ${told(condition)}`] : [];
  });
  return notes;
};

const measuringNotes = ({ spec, status = {} }: FeatureServer, now: number): string[] => {
  const { observed } = status;
  if (observed === undefined) return status.observedGeneration === undefined ? [] : ['nothing was measured yet: figures come with the first running pod, and a cause with the first hundred requests'];
  const age = now - Date.parse(observed.at);
  const stale = age > Math.max(STALE_MS, 3 * durationMs(spec.scaling.evaluation.period));
  return [
    ...(stale ? [`the figures are ${showDuration(age)} old and are usually renewed each minute: does the operator run, and has the fleet pods?`] : []),
    ...(observed.coverage !== undefined && observed.coverage < 1 ? [`only ${Math.round(100 * observed.coverage)} % of the pods reported`] : []),
  ];
};

const modeNotes = ({ spec, status = {} }: FeatureServer, paused: boolean): string[] => {
  const { mode } = spec.scaling;
  const { recommendation } = status;
  if (paused) return ['paused by the annotation plateau.dev/paused: neither pods nor threads are moved'];
  if (mode === 'ReplicasOnly') return ['mode ReplicasOnly: pods are moved, threads and processes stay as they are'];
  if (mode === 'ThreadsOnly') return ['mode ThreadsOnly: threads and processes are moved, pods stay as they are or follow another autoscaler'];
  if (mode === 'Recommend') return [`mode Recommend: ${recommendation === undefined ? 'what Auto would do' : 'the size below'} is only said, and nothing is moved`];
  return mode === 'Off' ? ['mode Off: the fleet is measured, and nothing is moved'] : [];
};

/** Limits that are not the user's to move: what is in the way says its own condition. */
const obstacles: ReadonlySet<string> = new Set([reasons.unschedulable, reasons.podsNotReady, reasons.imagePull, reasons.quotaExceeded]);

/** What is left to do where the law has no advice and the objective is missed. */
const nextStep = (mode: string, paused: boolean): string => {
  if (paused) return 'nothing is moved while the fleet is paused: take the annotation plateau.dev/paused away, or make the size above yourself';
  if (mode === 'Recommend' || mode === 'Off') return `nothing is moved in mode ${mode}: set scaling.mode to Auto, or make the size above yourself`;
  return 'wait for what was done last to take effect; if the objective is missed for longer, the decisions say what stands in the way';
};

const adviceOf = (status: FeatureServerStatus, mode: string, paused: boolean): string[] => {
  const { bottleneck } = status;
  if (bottleneck === undefined) return [];
  if (bottleneck.advice !== '') return [bottleneck.advice];
  const limited = conditionOf(status, conditionTypes.scalingLimited);
  if (limited?.status === 'True' && obstacles.has(limited.reason)) return [`see why pods do not come: ${limited.message}`];
  // A rate is no limit to move: the next step follows by itself.
  if (limited?.status === 'True' && limited.reason !== reasons.rateLimited) return ['move the limit that was hit, if the fleet may be larger or smaller than it allows'];
  if (bottleneck.class === 'UNKNOWN') return [];
  const isMissed = conditionOf(status, conditionTypes.objectiveMet)?.status === 'False';
  return [isMissed ? nextStep(mode, paused) : 'nothing'];
};

/** Explains an object at a moment, milliseconds since the epoch. */
export const explain = (featureServer: FeatureServer, now: number): Explanation => {
  const { metadata, spec, status = {} } = featureServer;
  const paused = metadata.annotations?.[annotations.paused] === 'true';
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    mode: spec.scaling.mode,
    paused,
    objective: spec.objective.p95,
    objectiveText: objectiveText(spec.objective.p95, status),
    cause: causeOf(status),
    size: { pods: status.desiredReplicas ?? null, ready: status.readyReplicas ?? null, threads: status.threads?.desired ?? null, processes: status.threads?.processes ?? null },
    recommendation: status.recommendation === undefined ? null : scaleOf(status.recommendation),
    measured: status.observed ?? null,
    decisions: status.decisions ?? [],
    refused: refusedOf(status),
    notes: [...stateNotes(featureServer), ...modeNotes(featureServer, paused), ...conditionNotes(status), ...measuringNotes(featureServer, now)],
    advice: adviceOf(status, spec.scaling.mode, paused),
  };
};
