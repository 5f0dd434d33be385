/**
 * Globals that the event loop needs, bound once: where a program runs in a sandbox, as in a test runner, each look-up of a global costs
 * more than an event.
 *
 * @module
 */
export const { exp, floor, log, max, min, sqrt } = Math;

/** The time of what does not happen. */
export const NEVER = Infinity;
