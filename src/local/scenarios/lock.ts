/**
 * A lock in the application that is held across a wait, and that nobody has declared.
 *
 * @module
 */
import { pythonFleet } from './python-fleet.ts';
import type { Scenario } from './scenario.ts';

const load = { before: 20, after: 80 };
const heldMs = 20;

/** A lock held for 20 ms lets 50 requests a second through, however many threads wait for it. */
export const lock: Scenario = {
  help: 'the application holds a lock while it waits, and the load outgrows what the lock lets through (needs Python)',
  class: 'LOCK',
  answer: 'pods by what the lock lets through, and no more threads',
  load,
  atSeconds: 15,
  cause: `the load grows from ${load.before} to ${load.after} requests/s, and a lock of the application that is held for ${heldMs} ms lets ${1000 / heldMs} a second of a pod through`,
  prepare: (progress) => pythonFleet(progress, { env: { SCENARIO_LOCK_MS: String(heldMs) }, threads: { min: 2, initial: 6, max: 48 }, pods: 4 }),
};
