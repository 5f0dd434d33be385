/**
 * An event loop that computes while others wait for it.
 *
 * @module
 */
import { onlyManifest } from './builtin-fleet.ts';
import { exampleFleet } from './example-fleet.ts';
import type { Scenario } from './scenario.ts';

const load = { before: 40, after: 280 };
const burnMs = 4;

/**
 * The operator adds processes and pods within a second of such a rise, before there is a limit to be named: here it may not. The second core of the
 * limit stands idle: were there none, the cores would be what is short (CPU).
 * Each request keeps the loop busy for 4 ms of CPU: one loop ends below 250 requests a second, on the fastest machine too.
 */
export const loop: Scenario = {
  help: 'each request computes on the event loop, and the load outgrows one core',
  class: 'LOOP',
  answer: 'no more threads; processes and pods are at their maximum; advice on blocking work and on processes',
  load,
  atSeconds: 15,
  cause: `the load grows from ${load.before} to ${load.after} requests/s, each ${burnMs} ms of CPU on the event loop: more than one core`,
  prepare: async () =>
    onlyManifest({ manifest: exampleFleet({ env: { PLATEAU_CPU_BURN: `${burnMs}ms` }, threads: { min: 16, initial: 22, max: 32 }, cpu: 2, pods: 1 }) }),
};
