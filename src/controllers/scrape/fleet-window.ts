/**
 * Puts what the watch knows and what was measured together into the window that the control law reads.
 *
 * @module
 */
import { FEW_REQUESTS } from '../../core/autoscale/data-gate.ts';
import type { FleetWindow } from '../../core/autoscale/types.ts';
import { LONGEST_WINDOW_MS } from './pod-ring.ts';
import type { FleetState } from './ports.ts';
import type { Scraper } from './scraper.ts';

/**
 * Shortest window (milliseconds) of the usual one, twice it, four times it, up to ten minutes, in which the fleet saw a
 * hundred requests. A fleet without any request at all keeps the usual one: that it is idle is seen at once.
 */
const windowWithRequests = (fleet: FleetState, scraper: Scraper): number => {
  const usual = fleet.spec.evaluation.windowMs;
  const requests = (spanMs: number) =>
    fleet.pods.reduce((total, pod) => total + (pod.target === null ? 0 : scraper.requests(pod.target.key, spanMs)), 0);
  const inUsual = requests(usual);
  if (inUsual === 0) return usual;
  let span = usual;
  let seen = inUsual;
  while (seen < FEW_REQUESTS && span < LONGEST_WINDOW_MS) {
    span = Math.min(LONGEST_WINDOW_MS, 2 * span);
    seen = requests(span);
  }
  return span;
};

/** The fleet over its window. A pod without address or without two scrapes has no sample: silent is not idle. */
export const fleetWindow = (fleet: FleetState, scraper: Scraper): FleetWindow => {
  const span = windowWithRequests(fleet, scraper);
  const { current, readyReplicas, terminating, rollingOut, templateHash, blocked, live } = fleet;
  const pods = fleet.pods.map(({ target, ...pod }) => ({ ...pod, sample: target === null ? null : scraper.sample(target.key, span) }));
  return { current: { ...current }, readyReplicas, terminating, rollingOut, templateHash, blocked, ...(live && { live }), pods };
};
