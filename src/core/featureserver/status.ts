/**
 * The whole status of a FeatureServer, computed anew from what was observed and decided; what time alone would change is
 * taken over from the former status.
 *
 * @module
 */
import type { FeatureServerStatus, ObservedStatus, RecommendationStatus } from '../../api/featureserver-status.ts';
import { labels, selectorLabels } from '../../api/names.ts';
import type { Recommendation } from '../autoscale/types.ts';
import type { Decided } from './decide.ts';
import { healthOf } from './health.ts';
import type { Health } from './health.ts';
import { metricsHealthy, objectiveMet } from './measured-conditions.ts';
import type { Observed } from './observed.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import { scalingActive, scalingLimited } from './scaling-conditions.ts';
import { conditionsOf, timestamp } from './verdict.ts';

export interface StatusInput {
  observed: Observed;
  decided: Decided;
  plan: Plan;
  outcome: Outcome;
  /** Images of ours that are in use. */
  images: Pick<FeatureServerStatus, 'image' | 'poolImage'>;
  /** Overrides Ready, Reconciling and Stalled: the first status, before anything was done. */
  health?: Health;
}

const keptDecisions = 10;
/** Longest sentence kept, characters. */
const longestText = 400;
/** Of each decision that is kept: ten of them stand beside the memory of the law. */
const longestEvidence = 200;
/** Every watcher of the object gets the whole status with each change. */
export const largestStatusBytes = 16 * 1024;

/** Computes the status. */
export const nextStatus = (input: StatusInput): FeatureServerStatus => {
  const { observed, decided } = input;
  const { metadata, status: previous = {} } = observed.featureServer;
  const recommendation = observed.recommendation?.recommendation ?? null;
  return fitted({
    observedGeneration: metadata.generation,
    mode: decided.mode,
    ...podCounts(observed),
    selector: selectorOf(metadata.name),
    ...acceptedPart(input),
    threads: { desired: decided.pool.config.threads, acknowledgedPods: acknowledged(observed, decided), processes: decided.pool.config.processes },
    ...input.images,
    ...measuredPart(observed, recommendation),
    decisions: [...completedMove(input), ...(previous.decisions ?? [])].slice(0, keptDecisions),
    conditions: conditionsOf(verdicts(input, recommendation), previous.conditions ?? [], metadata.generation, observed.now),
  });
};

const podCounts = ({ deployment }: Observed): Pick<FeatureServerStatus, 'replicas' | 'readyReplicas' | 'updatedReplicas'> => ({
  replicas: deployment?.statusReplicas ?? 0,
  readyReplicas: deployment?.readyReplicas ?? 0,
  updatedReplicas: deployment?.updatedReplicas ?? 0,
});

/** A number that could not be written was not accepted: the next reconcile must see what runs. */
const acceptedPart = ({ observed, decided, outcome }: StatusInput): Pick<FeatureServerStatus, 'desiredReplicas' | 'replicasRequest'> => {
  const { accepted, request } = decided.replicas;
  const failed = outcome.failures.some(({ role }) => role === 'deployment');
  return {
    desiredReplicas: failed ? (observed.deployment?.replicas ?? accepted) : accepted,
    ...(request === undefined ? {} : { replicasRequest: request }),
  };
};

const completedMove = ({ decided, outcome }: StatusInput): NonNullable<FeatureServerStatus['decisions']> => {
  const failed = outcome.failures.some(({ role }) => role === 'deployment' || role === 'poolConfig');
  if (decided.move === null || failed) return [];
  const { message, evidence, ...move } = decided.move;
  return [{ ...move, message: message.slice(0, longestText), ...(evidence === undefined ? {} : { evidence: evidence.slice(0, longestEvidence) }) }];
};

/** The oldest decisions go first, then the memory of the law, which a new leader can do without. */
const fitted = (status: FeatureServerStatus): FeatureServerStatus => {
  let result = status;
  while (sizeOf(result) > largestStatusBytes && (result.decisions?.length ?? 0) > 1) {
    result = { ...result, decisions: result.decisions?.slice(0, -1) };
  }
  if (sizeOf(result) <= largestStatusBytes) return result;
  const { autoscaling: _autoscaling, ...rest } = result;
  return rest;
};

const sizeOf = (status: FeatureServerStatus): number => Buffer.byteLength(JSON.stringify(status));

/** Label selector in text form, for `/scale`. */
const selectorOf = (instance: string): string =>
  Object.entries(selectorLabels(instance)).map(([key, value]) => `${key}=${value}`).join(',') || `${labels.instance}=${instance}`;

const acknowledged = ({ pods, pools }: Observed, { pool }: Decided): number =>
  pods.filter(({ name, running, terminating }) => running && !terminating && (pools[name]?.generation ?? -1) >= pool.config.generation).length;

const verdicts = (input: StatusInput, recommendation: Recommendation | null): Parameters<typeof conditionsOf>[0] => {
  const { observed, decided } = input;
  const scaling = {
    mode: decided.mode,
    paused: decided.paused,
    accepted: decided.replicas.accepted,
    request: decided.replicas.request,
    others: observed.others,
    recommendation,
    replicaFailure: observed.deployment?.replicaFailure ?? null,
  };
  return {
    ...(input.health ?? healthOf({ ...input, accepted: decided.replicas.accepted })),
    ScalingActive: scalingActive(scaling),
    ScalingLimited: scalingLimited(scaling),
    ObjectiveMet: objectiveMet(recommendation, observed.featureServer.spec.objective.p95),
    MetricsHealthy: metricsHealthy(recommendation),
  };
};

/** Until the first evaluation after a restart the former figures stand; the memory above all must not be lost. */
const measuredPart = (observed: Observed, recommendation: Recommendation | null): Partial<FeatureServerStatus> => {
  const previous = observed.featureServer.status ?? {};
  if (recommendation === null) {
    const { observed: figures, bottleneck, recommendation: scale, autoscaling } = previous;
    return { ...(figures && { observed: figures }), ...(bottleneck && { bottleneck }), ...(scale && { recommendation: scale }), ...(autoscaling && { autoscaling }) };
  }
  const sameClass = previous.bottleneck?.class === recommendation.class;
  const since = sameClass && previous.bottleneck !== undefined ? previous.bottleneck.since : timestamp(observed.now);
  return {
    observed: figuresOf(recommendation, observed),
    bottleneck: { class: recommendation.class, since, evidence: recommendation.evidence.slice(0, longestText), advice: recommendation.advice.slice(0, longestText), reachable: recommendation.reachable },
    recommendation: recommendationOf(recommendation),
    autoscaling: recommendation.memory,
  };
};

const recommendationOf = ({ scale, reason, message, guard }: Recommendation): RecommendationStatus => ({ ...scale, reason, message: message.slice(0, longestText), ...(guard === null ? {} : { guard }) });

const figuresOf = ({ measured }: Recommendation, { recommendation, now }: Observed): ObservedStatus => ({
  ...(measured.p95Ms === null ? {} : { p95: `${rounded(measured.p95Ms)}ms` }),
  ...(measured.p95IsLowerBound ? { p95IsLowerBound: true } : {}),
  ...(measured.requestsPerSecond === null ? {} : { requestsPerSecond: rounded(measured.requestsPerSecond) }),
  ...(measured.cpuSecondsPerRequest === null ? {} : { cpuSecondsPerRequest: rounded(measured.cpuSecondsPerRequest) }),
  ...(measured.podCapacity === null ? {} : { podCapacity: rounded(measured.podCapacity) }),
  coverage: Math.round(measured.coverage * 100) / 100,
  at: timestamp(recommendation?.at ?? now),
});

/** Three significant digits: more would be noise, and a write each time. */
const rounded = (value: number): number => Number(value.toPrecision(3));
