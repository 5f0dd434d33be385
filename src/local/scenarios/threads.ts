/**
 * A pool below the floor: requests wait for a slot while the CPU is idle.
 *
 * @module
 */
import { onlyManifest } from './builtin-fleet.ts';
import { exampleFleet } from './example-fleet.ts';
import type { Scenario } from './scenario.ts';

const load = { before: 40, after: 300 };

/** The store takes 55 ms: 300 requests a second hold 17 slots on average, and there are eight. */
export const threads: Scenario = {
  help: 'the load outgrows the slots of the pool; the CPU is idle',
  class: 'THREADS',
  answer: 'more threads before any pod',
  load,
  atSeconds: 15,
  cause: `the load grows from ${load.before} to ${load.after} requests/s, more than the slots of the pool can hold`,
  prepare: async () => onlyManifest({ manifest: exampleFleet({ threads: { min: 4, initial: 8, max: 64 }, pods: 4 }) }),
};
