/**
 * The decisions of one reconcile: replicas, pool, and what rolls because a server takes it at its start only.
 *
 * @module
 */
import type { Decision, Scale } from '../../api/featureserver-status.ts';
import { fieldManagers } from '../../api/names.ts';
import { autoscaleSpec } from '../autoscale/spec.ts';
import { scalesReplicas } from './effective-mode.ts';
import { ownersOf } from './field-ownership.ts';
import type { ChildState, Observed } from './observed.ts';
import { poolConfigKey } from '../specs/pool-config.ts';
import { poolAtStart } from './pool-at-start.ts';
import { decidePool, poolConfigOf } from './pool-size.ts';
import type { PoolDecision } from './pool-size.ts';
import { decideReplicas, replicaReasons } from './replica-ownership.ts';
import type { ReplicaDecision } from './replica-ownership.ts';
import { timestamp } from './verdict.ts';

export interface Decided {
  mode: string;
  paused: boolean;
  replicas: ReplicaDecision;
  pool: PoolDecision;
  /** Annotations of the pod template: a change rolls the pods. */
  podAnnotations: Record<string, string>;
  /** What moved, to be told in the status; null when nothing did. */
  move: Decision | null;
}

/** Evaluations after which a recommendation is too old to act on. */
const freshEvaluations = 4;

/** Decides everything that a reconcile may change. */
export const decide = (observed: Observed): Decided => {
  const { featureServer } = observed;
  const spec = autoscaleSpec(featureServer);
  const mode = featureServer.spec.scaling.mode;
  const fresh = freshRecommendation(observed, spec.evaluation.periodMs);
  const replicas = decideReplicas({
    mode,
    paused: spec.paused,
    min: spec.replicas.min,
    specReplicas: featureServer.spec.replicas,
    previous: featureServer.status ?? {},
    deployment: observed.deployment,
    others: observed.others,
    recommendation: fresh === null ? null : { ...told(fresh), replicas: fresh.recommendation.scale.replicas, basis: fresh.decidedOn.replicas },
  });
  const pool = decidePool({
    mode,
    paused: spec.paused,
    threads: spec.threads,
    processes: spec.processes,
    objectiveMs: spec.objectiveMs,
    current: ownPoolConfig(observed.children.poolConfig),
    previous: featureServer.status ?? {},
    recommendation: fresh === null ? null : { ...told(fresh), ...sizeOf(fresh.recommendation.scale), basis: sizeOf(fresh.decidedOn) },
    leaseTransitions: observed.leaseTransitions,
    highestInPods: highestGeneration(observed),
  });
  return { mode, paused: spec.paused, replicas, pool, podAnnotations: poolAtStart(observed, pool.config), move: moveOf(observed, replicas, pool) };
};

/** Above this the sum of term and counter would no longer be exact: a pod that reports more lies. */
const highestBelievable = 2 ** 52;

const highestGeneration = ({ pools }: Observed): number =>
  Object.values(pools).reduce((highest, { generation }) => (generation <= highestBelievable ? Math.max(highest, generation) : highest), 0);

type Timed = NonNullable<Observed['recommendation']>;

const freshRecommendation = ({ recommendation, now }: Observed, periodMs: number): Timed | null =>
  recommendation !== null && now - recommendation.at <= Math.max(freshEvaluations * periodMs, 5_000) ? recommendation : null;

const told = ({ recommendation: { reason, message } }: Timed): { reason: string; message: string } => ({ reason, message });

const sizeOf = ({ threads, processes }: Scale): { threads: number; processes: number } => ({ threads, processes });

/** Somebody else's edit of the ConfigMap is not taken for our own last decision. */
const ownPoolConfig = (state: ChildState): ReturnType<typeof poolConfigOf> =>
  state.kind === 'present' && ownersOf(state.object, 'data', poolConfigKey).includes(fieldManagers.template) ? poolConfigOf(state.object) : null;

/** Technical writes (securing a field, taking it over) move nothing and are no decisions. */
const silent = new Set<string>([replicaReasons.secured, replicaReasons.takenOver, replicaReasons.created]);

const moveOf = (observed: Observed, replicas: ReplicaDecision, pool: PoolDecision): Decision | null => {
  const moved = replicas.write.kind === 'set' && !silent.has(replicas.write.reason) && observed.deployment !== null ? replicas.write : null;
  const cause = pool.move ?? moved;
  if (cause === null) return null;
  const to = { replicas: replicas.accepted, threads: pool.config.threads, processes: pool.config.processes };
  const from = { replicas: observed.deployment?.replicas ?? replicas.accepted, ...poolBefore(observed, pool) };
  return { at: timestamp(observed.now), from, to, reason: cause.reason, message: cause.message, ...background(observed, cause.reason) };
};

const poolBefore = (observed: Observed, pool: PoolDecision): { threads: number; processes: number } =>
  sizeOf({ replicas: 0, ...(ownPoolConfig(observed.children.poolConfig) ?? pool.config) });

const background = ({ recommendation }: Observed, reason: string): Partial<Decision> => {
  const source = recommendation?.recommendation;
  if (source === undefined || source.reason !== reason) return {};
  return {
    ...(source.boundBy === null ? {} : { boundBy: source.boundBy }),
    ...(source.guard === null ? {} : { guard: source.guard }),
    ...(source.cpuAutoscalerWouldSay === null ? {} : { cpuAutoscalerWouldSay: source.cpuAutoscalerWouldSay }),
    class: source.class,
    evidence: source.evidence,
    coverage: source.measured.coverage,
  };
};

/** True when the number of pods is the law's to choose in this reconcile: then `current` of the next decision is `accepted`. */
export const plateauDecides = ({ mode, replicas }: Decided): boolean => scalesReplicas(mode) && replicas.decider === 'Plateau';
