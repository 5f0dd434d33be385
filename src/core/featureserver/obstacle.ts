/**
 * Finds what keeps a fleet from its spec until somebody acts. An ordered list of small checks: the first that finds
 * something names the reason, so that a missing Secret is not reported as "pods not ready".
 *
 * @module
 */
import { reasons } from '../../api/reasons.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Observed } from './observed.ts';
import type { Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { PodFacts } from './pod-facts.ts';

export interface Obstacle {
  reason: Reason;
  message: string;
}

interface Evidence {
  observed: Observed;
  plan: Plan;
  outcome: Outcome;
  /** The fleet is not yet what its spec asks; otherwise trouble with single pods stalls nothing. */
  incomplete: boolean;
}

type Check = (evidence: Evidence) => Obstacle | null;

/** The first obstacle, or null. */
export const findObstacle = (evidence: Evidence): Obstacle | null => {
  for (const check of checks) {
    const found = check(evidence);
    if (found !== null) return found;
  }
  return null;
};

const nameTaken: Check = ({ plan }) => {
  const [first] = plan.taken;
  return first === undefined ? null : { reason: reasons.nameTaken, message: first.message };
};

const refused: Check = ({ outcome }) => {
  const forbidden = outcome.failures.find(({ kind }) => kind === 'Forbidden');
  if (forbidden !== undefined) return { reason: reasons.forbidden, message: forbidden.message };
  const invalid = outcome.failures.find(({ kind }) => kind === 'Invalid');
  return invalid === undefined ? null : { reason: reasons.invalidSpec, message: invalid.message };
};

const featureStore: Check = ({ observed, incomplete }) => {
  const missing = observed.featureStoreMissing;
  if (missing === null || !incomplete) return null;
  return { reason: missing.kind === 'Secret' ? reasons.secretMissing : reasons.configMapMissing, message: missing.message };
};

const quota: Check = ({ observed, incomplete }) => {
  const failure = observed.deployment?.replicaFailure ?? null;
  return failure === null || !incomplete ? null : { reason: reasons.quotaExceeded, message: `pods are refused: ${failure}` };
};

/** A first failed pull is often over in seconds; a back-off says that the kubelet has tried more than once. */
const passing = new Set(['ErrImagePull']);

const podTrouble =
  (kind: NonNullable<PodFacts['trouble']>['kind'], reason: Reason): Check =>
  ({ observed, incomplete }) => {
    if (!incomplete) return null;
    const pod = observed.pods.find((candidate) => candidate.trouble?.kind === kind && !passing.has(candidate.trouble.reason) && !candidate.terminating);
    if (pod?.trouble === null || pod?.trouble === undefined) return null;
    return { reason, message: `pod ${pod.name}: ${pod.trouble.reason}: ${pod.trouble.message}` };
  };

const deadline: Check = ({ observed, incomplete }) => {
  const exceeded = observed.deployment?.progressDeadlineExceeded ?? null;
  return exceeded === null || !incomplete ? null : { reason: reasons.deadlineExceeded, message: exceeded };
};

const checks: readonly Check[] = [
  nameTaken,
  refused,
  featureStore,
  quota,
  podTrouble('Image', reasons.imagePull),
  podTrouble('Configuration', reasons.invalidSpec),
  podTrouble('Crash', reasons.crashLoop),
  podTrouble('Unschedulable', reasons.unschedulable),
  deadline,
];
