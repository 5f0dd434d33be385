/**
 * ObjectiveMet and MetricsHealthy. Unknown is neither good nor bad, and a lower bound never proves an objective met.
 *
 * @module
 */
import { reasons } from '../../api/reasons.ts';
import { reasons as decisionReasons } from '../autoscale/reasons.ts';
import type { Recommendation } from '../autoscale/types.ts';
import { verdict } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A fleet of which fewer pods report is not judged: control-law.md, class UNKNOWN. */
const leastCoverage = 0.6;

/** ObjectiveMet; `objective` as the spec writes it. */
export const objectiveMet = (recommendation: Recommendation | null, objective: string): Verdict => {
  if (recommendation === null) return verdict('Unknown', reasons.awaitingMetrics, 'nothing was measured yet');
  const { measured, objectiveMet: met, reason, message } = recommendation;
  if (reason === decisionReasons.objectiveUnreachable) return verdict('False', reasons.objectiveUnreachable, message);
  if (measured.coverage < leastCoverage) return verdict('Unknown', reasons.metricsMissing, 'too few pods report to tell');
  if (measured.p95Ms === null || met === null && !measured.p95IsLowerBound) return verdict('Unknown', reasons.noTraffic, 'too few requests for a p95');
  // Rounded as the status is, and without the figure in it where it would change each second: a condition is no gauge.
  if (met === false) return verdict('False', reasons.objectiveMissed, `the p95 is over the objective of ${objective}`);
  if (measured.p95IsLowerBound) return verdict('Unknown', reasons.lowerBoundOnly, 'the server does not see its whole queue: its p95 is a lower bound');
  return verdict('True', reasons.objectiveMet, `the p95 keeps the objective of ${objective}`);
};

/** MetricsHealthy. */
export const metricsHealthy = (recommendation: Recommendation | null): Verdict => {
  if (recommendation === null) return verdict('Unknown', reasons.awaitingMetrics, 'nothing was measured yet');
  const { coverage } = recommendation.measured;
  if (recommendation.reason === decisionReasons.metricsContradict) return verdict('False', reasons.inconsistent, recommendation.message);
  if (coverage === 0) return verdict('False', reasons.metricsMissing, 'no pod reports, or all reports are stale: is the admin port reachable from the operator?');
  if (coverage < leastCoverage) return verdict('False', reasons.lowCoverage, 'fewer than 60 % of the pods report');
  return verdict('True', reasons.reporting, 'the pods report');
};
