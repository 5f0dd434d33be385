/**
 * Pretended slowness, for demonstrations and tests: waits for the store that take no CPU, and CPU that does no work.
 *
 * @module
 */

/**
 * A wait with a lognormal spread around its median.
 * @param medianMs milliseconds; 0 never waits
 * @param sigma spread of the logarithm; 0 makes every wait the median
 */
export function drawDelay(medianMs: number, sigma: number, random: () => number): number {
  if (sigma === 0) return medianMs;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return medianMs * Math.exp(sigma * normal);
}

/** Uses so much CPU time of this thread; on a machine that others share it takes longer. */
export function burnCpu(milliseconds: number): void {
  if (milliseconds === 0) return;
  const start = process.threadCpuUsage();
  for (let used = 0; used < milliseconds; ) {
    const { user, system } = process.threadCpuUsage(start);
    used = (user + system) / 1000;
  }
}
