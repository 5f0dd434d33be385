/**
 * Who decides the number of replicas, and what must be written for it: the table of docs/operations.md, "Replicas".
 *
 * The trap that shapes this file: server-side apply removes a field when its only owner stops sending it, and a
 * Deployment whose `spec.replicas` is removed falls to one pod. So the scale manager never stops sending while it is
 * the only owner; where others decide it simply sends nothing at all.
 *
 * @module
 */
import type { FeatureServerStatus } from '../../api/featureserver-status.ts';
import { fieldManagers } from '../../api/names.ts';
import { scalesReplicas } from './effective-mode.ts';
import type { OtherAutoscaler } from './effective-mode.ts';
import { replicaRequest } from './replica-request.ts';
import type { ReplicaRequest } from './replica-request.ts';

export interface ReplicaInput {
  mode: string;
  paused: boolean;
  /** `scaling.replicas.min`. */
  min: number;
  /** `spec.replicas` of the FeatureServer. */
  specReplicas: number | undefined;
  previous: Pick<FeatureServerStatus, 'mode' | 'desiredReplicas' | 'replicasRequest'>;
  deployment: { replicas: number; replicaOwners: readonly string[]; scaleOwnsTemplate: boolean } | null;
  others: readonly OtherAutoscaler[];
  /** Newest recommendation, made on `basis` replicas; null when there is none or it is too old. */
  recommendation: { replicas: number; basis: number; reason: string; message: string } | null;
}

export type ReplicaWrite =
  | { kind: 'none' }
  | { kind: 'set'; replicas: number; reason: string; message: string }
  /** Give the field up: another manager owns it too. */
  | { kind: 'release' };

export interface ReplicaDecision {
  /** The size that counts as accepted from now on. */
  accepted: number;
  request: ReplicaRequest | undefined;
  /** Who decides: Plateau, `spec.replicas`, or nobody of ours. */
  decider: 'Plateau' | 'Spec' | 'Others';
  write: ReplicaWrite;
}

/** Reasons of replica writes that are not the control law's. */
export const replicaReasons = {
  created: 'DeploymentCreated',
  requested: 'ReplicasRequested',
  repaired: 'ReplicasRepaired',
  takenOver: 'ReplicasTakenOver',
  secured: 'ReplicasSecured',
} as const;

/** Decides accepted size and write. Total: every input gives an answer. */
export const decideReplicas = (input: ReplicaInput): ReplicaDecision => {
  const { deployment, previous } = input;
  const request = replicaRequest(input.mode, input.specReplicas, previous.replicasRequest, deployment?.replicas ?? null);
  const decider = deciderOf(input, request);
  if (deployment === null) return { ...creation(input), request, decider };
  if (mustSecure(deployment)) return { ...secured(deployment.replicas), request, decider };
  switch (decider) {
    case 'Plateau':
      return { ...byPlateau(input, deployment), request, decider };
    case 'Spec':
      return { ...byRequest(input.specReplicas ?? deployment.replicas, deployment), request, decider };
    case 'Others':
      return { accepted: deployment.replicas, request, decider, write: release(deployment) };
  }
};

type Running = NonNullable<ReplicaInput['deployment']>;
type Answer = Pick<ReplicaDecision, 'accepted' | 'write'>;

const deciderOf = (input: ReplicaInput, request: ReplicaRequest | undefined): ReplicaDecision['decider'] => {
  if (input.paused) return 'Others';
  if (scalesReplicas(input.mode)) return input.others.length === 0 ? 'Plateau' : 'Others';
  if (input.others.some(({ target }) => target === 'Deployment')) return 'Others';
  return request?.obeyed === true ? 'Spec' : 'Others';
};

const set = (replicas: number, reason: string, message: string): ReplicaWrite => ({ kind: 'set', replicas, reason, message });

const creation = ({ previous, specReplicas, min }: ReplicaInput): Answer => {
  const replicas = previous.desiredReplicas ?? specReplicas ?? min;
  return { accepted: replicas, write: set(replicas, replicaReasons.created, `created with ${replicas} replicas`) };
};

/**
 * The template manager must never be the only owner of the number, since its next apply would remove it; and a creation
 * that was cut short leaves the scale manager with the whole template, which would then never follow a change.
 */
const mustSecure = ({ replicaOwners, scaleOwnsTemplate }: Running): boolean =>
  scaleOwnsTemplate || (replicaOwners.length === 1 && replicaOwners[0] === fieldManagers.template);

const secured = (replicas: number): Answer => ({
  accepted: replicas,
  write: set(replicas, replicaReasons.secured, `the scale manager owns the ${replicas} replicas that run`),
});

const byPlateau = (input: ReplicaInput, { replicas: running, replicaOwners }: Running): Answer => {
  const owned = replicaOwners.includes(fieldManagers.scale);
  const base = owned ? running : notBelowAccepted(input, running);
  const { recommendation } = input;
  // A recommendation made on another size is stale: acting on it would move the fleet twice for one cause.
  if (recommendation !== null && recommendation.basis === base && recommendation.replicas !== base) {
    const { replicas, reason, message } = recommendation;
    return { accepted: replicas, write: set(replicas, reason, message) };
  }
  if (base !== running) {
    return { accepted: base, write: set(base, replicaReasons.repaired, `somebody else set ${running} replicas; set back to ${base}, since Plateau scales this fleet`) };
  }
  if (owned) return { accepted: base, write: { kind: 'none' } };
  return { accepted: base, write: set(base, replicaReasons.takenOver, `Plateau scales this fleet from its ${base} replicas on`) };
};

/** After a foreign write under our mode: a cut is undone, growth is kept and left to the law; a fresh mode keeps what runs. */
const notBelowAccepted = ({ previous }: ReplicaInput, running: number): number =>
  scalesReplicas(previous.mode) ? Math.max(running, previous.desiredReplicas ?? running) : running;

const byRequest = (wanted: number, running: Running): Answer => {
  if (wanted === running.replicas) return { accepted: wanted, write: { kind: 'none' } };
  return { accepted: wanted, write: set(wanted, replicaReasons.requested, `spec.replicas asks for ${wanted}, ${running.replicas} were set`) };
};

const release = ({ replicaOwners }: Running): ReplicaWrite => {
  const ours: string[] = [fieldManagers.scale, fieldManagers.template];
  const another = replicaOwners.some((owner) => !ours.includes(owner));
  return another && replicaOwners.includes(fieldManagers.scale) ? { kind: 'release' } : { kind: 'none' };
};
