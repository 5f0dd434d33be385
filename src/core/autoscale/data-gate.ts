/**
 * Whether there is enough to decide on. What is missing here makes the class UNKNOWN at once, without hysteresis.
 *
 * @module
 */
import type { Facts } from './measure.ts';
import { reasons } from './reasons.ts';
import type { Reason } from './reasons.ts';

/** Share of running pods that has to report. */
const LEAST_COVERAGE = 0.6;
/** Requests in a window below which neither a p95 nor a cost means anything. */
export const FEW_REQUESTS = 100;

export interface Gap {
  reason: Reason;
  evidence: string;
  /** Counted demand may shrink a fleet even though nothing else is known of it. */
  mayShrink: boolean;
}

const problemText = (facts: Facts): string =>
  [...facts.problems].map(([problem, pods]) => `${pods} ${problem}`).join(', ') || 'none is running';

/** True when every running pod reported and none saw a request. */
export const isIdle = (facts: Facts): boolean => facts.pods.running > 0 && facts.coverage === 1 && facts.requests === 0;

/** What stands in the way of a decision; null when nothing does. An idle fleet has no gap: zero was counted. */
export const dataGap = (facts: Facts): Gap | null => {
  const { running, reporting } = facts.pods;
  if (facts.coverage < LEAST_COVERAGE) {
    const contradicts = (facts.problems.get("contradicts Little's law") ?? 0) + (facts.problems.get('impossible numbers') ?? 0);
    return {
      reason: contradicts > 0.4 * running ? reasons.metricsContradict : reasons.metricsMissing,
      evidence: `${reporting} of ${running} running pods can be used (${problemText(facts)})`,
      mayShrink: false,
    };
  }
  if (isIdle(facts) || facts.requests >= FEW_REQUESTS) return null;
  return {
    reason: reasons.tooFewRequests,
    evidence: `${Math.round(facts.requests)} requests in the window, ${FEW_REQUESTS} are needed to judge`,
    mayShrink: facts.coverage === 1,
  };
};
