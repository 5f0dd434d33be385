/**
 * How far the way down looks back.
 *
 * @module
 */
import type { Situation } from './situation.ts';
import type { AutoscaleSpec } from './types.ts';

/** Reversals in half an hour from which on the way down takes so many times the time. */
const MOST_REVERSALS = 4;
const LONGER = 2;

/** `scaleDown.stabilization`, twice as long once the fleet has turned round four times in half an hour. */
export const stabilizationMs = ({ spec, memory }: Pick<Situation, 'spec' | 'memory'>): number => (memory.turns.length >= MOST_REVERSALS ? LONGER : 1) * spec.scaleDown.stabilizationMs;

/** Wishes are kept for the longest of it. */
export const wishesKeptMs = (spec: AutoscaleSpec): number => LONGER * spec.scaleDown.stabilizationMs;
