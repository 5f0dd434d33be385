/**
 * A seeded random source, so that the same seed sends the same requests at the same times.
 *
 * @module
 */
import type { Random } from '../../runtime/ports.ts';

const increment = 0x6d2b79f5;

/** Uniform numbers in [0, 1) that depend on the seed alone: mulberry32 (Tommy Ettinger, public domain), 32 bits of state. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + increment) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
