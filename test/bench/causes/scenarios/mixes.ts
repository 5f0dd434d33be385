/**
 * Two causes at once. The truth is the one whose removal gains most; each is removed in turn and measured.
 *
 * @module
 */
import type { Scenario } from '../scenario.ts';
import { clients, fullStore, nearStore, pool } from './parts.ts';

export const mixes: readonly Scenario[] = [
  {
    name: 'mix-gil-store', truth: null, split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 6 }, store: { before: fullStore(3, 10) }, load: { during: clients(48) },
    without: { GIL: { server: 'free-threaded' }, STORE: { store: { before: { places: null, serviceMs: 10 } } } },
  },
  {
    name: 'mix-store-gil', truth: null, split: 'held-out', server: 'waitress', size: pool(16), work: { cpuMs: 3 }, store: { before: fullStore(1, 8) }, load: { during: clients(48) },
    without: { GIL: { server: 'free-threaded' }, STORE: { store: { before: { places: null, serviceMs: 8 } } } },
  },
  {
    name: 'mix-throttled-gil', truth: null, split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 5 }, store: { before: nearStore }, quota: 0.6, load: { during: clients(32) },
    without: { THROTTLED: { quota: 2 }, GIL: { server: 'free-threaded' } },
  },
  {
    name: 'mix-store-lock', truth: null, split: 'held-out', server: 'waitress', size: pool(16), work: { cpuMs: 1, lock: { places: 1, heldMs: 6 } }, store: { before: fullStore(1, 12) }, load: { during: clients(32) },
    without: { STORE: { store: { before: { places: null, serviceMs: 12 } } }, LOCK: { work: { cpuMs: 1 } } },
  },
  {
    name: 'mix-lock-store', truth: null, split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1, lock: { places: 1, heldMs: 14, declared: true } }, store: { before: fullStore(1, 8) }, load: { during: clients(32) },
    without: { STORE: { store: { before: { places: null, serviceMs: 8 } } }, LOCK: { work: { cpuMs: 1 } } },
  },
  {
    name: 'mix-steal-threads', truth: null, split: 'held-out', server: 'waitress', size: pool(2), work: { cpuMs: 4 }, store: { before: { places: null, serviceMs: 10 } }, core: 0, coreLimit: null, hogs: 3, load: { during: clients(16) },
    without: { STEAL: { hogs: 0 }, THREADS: { size: pool(8) } },
  },
];
