/**
 * The monotonic clock that all processes of a machine share: what one has stamped, another may compare.
 *
 * @module
 */

/** Milliseconds since the machine started (CLOCK_MONOTONIC). `performance.now()` starts anew in each process. */
export function machineNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
