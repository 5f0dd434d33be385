/**
 * The 95th percentile of a response, from what a request costs and how busy its core is.
 *
 * @module
 */

/** Seconds of one request at low load: CPU, and service without the store, by mean and 95th percentile. */
export interface RequestTimes {
  cpu: number;
  service95: number;
  store: number;
  store95: number;
}

/**
 * Seconds. Processor sharing stretches the CPU part by 1/(1 − ρ). Store and CPU are independent, so their means add and their spreads add as
 * squares: the sum of both 95th percentiles would be a fifth too much (fleet model, docs/control-law.md).
 *
 * @param share of the core that is in use, ρ
 */
export const response95 = ({ cpu, service95, store, store95 }: RequestTimes, share: number): number => {
  const stretch = 1 / (1 - share);
  return store + cpu * stretch + Math.hypot(store95 - store, (service95 - cpu) * stretch);
};

const HALVINGS = 24;

/** The largest share of a core between `low` and `high` at which 95 of 100 responses meet the objective (seconds); `low` when none does. */
export const shareThatMeets = (objective: number, times: RequestTimes, low: number, high: number): number => {
  let [from, to] = [low, high];
  if (response95(times, to) <= objective) return to;
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (from + to) / 2;
    if (response95(times, middle) <= objective) from = middle;
    else to = middle;
  }
  return from;
};
