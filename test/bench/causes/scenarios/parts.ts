/**
 * Pieces that scenarios share.
 *
 * @module
 */
import type { Rate, StoreBehaviour } from '../scenario.ts';

export const pool = (threads: number, processes = 1) => ({ threads, processes });
export const clients = (count: number): Rate => ({ clients: count });
export const share = (value: number): Rate => ({ share: value });

/** A store in the same zone that nothing slows down. */
export const nearStore: StoreBehaviour = { places: null, serviceMs: 4 };
export const farStore = (serviceMs: number): StoreBehaviour => ({ places: null, serviceMs });
/** A store that serves so many at once. */
export const fullStore = (places: number, serviceMs: number): StoreBehaviour => ({ places, serviceMs });

/** Some milliseconds of CPU each with the servers over Redis, and hardly any. */
export const heavyShape = '100x50';
export const lightShape = '1x50';
