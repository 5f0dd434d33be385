/**
 * How a pod that ends shares out its grace period.
 *
 * @module
 */

/** So long before the pod's grace period ends, what is left is killed. */
const lastMomentMs = 1000;

export interface Ending {
  /** How long connections are accepted, ms from the signal on. */
  drainMs: number;
  /** When what is left is killed, ms from the signal on. */
  killMs: number;
}

/**
 * A short grace period is halved: what has been accepted needs time to be finished, too.
 *
 * @param drainGraceMs how long connections should be accepted
 * @param terminationGraceMs when the pod is killed
 */
export function endingOf(drainGraceMs: number, terminationGraceMs: number): Ending {
  const killMs = terminationGraceMs - Math.min(lastMomentMs, terminationGraceMs / 4);
  return { drainMs: Math.min(drainGraceMs, killMs / 2), killMs };
}
