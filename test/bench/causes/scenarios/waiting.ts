/**
 * Causes that leave the CPU idle: a full store, a far one, a lock, too few threads; and fleets that are well.
 *
 * @module
 */
import type { Scenario } from '../scenario.ts';
import { clients, farStore, fullStore, heavyShape, lightShape, nearStore, pool, share } from './parts.ts';

const near = { before: nearStore };

/** A store that serves few at once. What more requests ask of it only makes it slower. An open load: clients that wait would fill no pool that is larger than they are many. */
const store: readonly Scenario[] = [
  { name: 'store-waitress-2x10', truth: 'STORE', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1 }, store: { before: fullStore(2, 10) }, load: { during: share(1.3) } },
  { name: 'store-waitress-4x20', truth: 'STORE', split: 'training', server: 'waitress', size: pool(32), work: { cpuMs: 1 }, store: { before: fullStore(4, 20) }, load: { during: share(1.3) } },
  { name: 'store-waitress-shrinks', truth: 'STORE', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1 }, store: { before: fullStore(16, 8), during: fullStore(2, 20) }, load: { before: share(0.3), during: share(0.3) } },
  { name: 'store-uvicorn-2x10', truth: 'STORE', split: 'held-out', server: 'uvicorn', size: pool(32), work: { cpuMs: 1 }, store: { before: fullStore(2, 10) }, load: { during: share(1.3) } },
  { name: 'store-gunicorn-4x20', truth: 'STORE', split: 'held-out', server: 'gunicorn', size: pool(16), mostProcesses: 2, work: { cpuMs: 1 }, store: { before: fullStore(4, 20) }, load: { during: share(1.3) } },
  { name: 'store-go-4x10', truth: 'STORE', split: 'held-out', server: 'go', size: pool(32, 2), work: lightShape, store: { before: fullStore(4, 10) }, load: { during: share(1.3) } },
  { name: 'store-uvicorn-3x15', truth: 'STORE', split: 'held-out', server: 'uvicorn', size: pool(24), work: { cpuMs: 2 }, store: { before: fullStore(3, 15) }, load: { during: share(1.3) } },
  // Written when all of the above and the rules that they had led to were known, and looked at by nobody before they were judged.
  { name: 'store-waitress-3x25-new', truth: 'STORE', split: 'held-out', server: 'waitress', size: pool(12), work: { cpuMs: 2 }, store: { before: fullStore(3, 25) }, load: { during: share(1.2) } },
  { name: 'store-uvicorn-5x30-new', truth: 'STORE', split: 'held-out', server: 'uvicorn', size: pool(48), work: { cpuMs: 1 }, store: { before: fullStore(5, 30) }, load: { during: share(1.2) } },
];

/** A store that is only far away: more threads get more out of it. */
const far: readonly Scenario[] = [
  { name: 'far-waitress-4', truth: 'THREADS', split: 'training', server: 'waitress', size: pool(4), work: { cpuMs: 1 }, store: { before: farStore(30) }, load: { during: clients(24) } },
  { name: 'far-waitress-32-ok', truth: 'OK', split: 'training', server: 'waitress', size: pool(32), work: { cpuMs: 1 }, store: { before: farStore(30) }, load: { during: share(0.5) } },
  { name: 'far-waitress-becomes', truth: 'THREADS', split: 'training', server: 'waitress', size: pool(4), work: { cpuMs: 1 }, store: { before: farStore(4), during: farStore(40) }, load: { before: share(0.4), during: share(0.4) } },
  { name: 'far-waitress-becomes-ok', truth: 'OK', split: 'held-out', server: 'waitress', size: pool(32), work: { cpuMs: 1 }, store: { before: farStore(4), during: farStore(40) }, load: { before: share(0.3), during: share(0.3) } },
  { name: 'far-uvicorn-4', truth: 'THREADS', split: 'held-out', server: 'uvicorn', size: pool(4), work: { cpuMs: 1 }, store: { before: farStore(30) }, load: { during: clients(24) } },
  { name: 'far-go-ok', truth: 'OK', split: 'held-out', server: 'go', size: pool(64, 2), work: lightShape, store: { before: farStore(30) }, load: { during: share(0.5) } },
];

/** An application's lock held across a wait, and pools of connections that are too small; declared to the pool package or not. */
const lock: readonly Scenario[] = [
  { name: 'lock-waitress-declared', truth: 'LOCK', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1, lock: { places: 1, heldMs: 10, declared: true } }, store: near, load: { during: share(1.3) } },
  { name: 'lock-waitress', truth: 'LOCK', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1, lock: { places: 1, heldMs: 10 } }, store: near, load: { during: share(1.3) } },
  { name: 'pool-waitress-declared', truth: 'LOCK', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1, connections: { size: 2, declared: true } }, store: { before: farStore(10) }, load: { during: share(1.3) } },
  { name: 'pool-waitress-in-store-declared', truth: 'LOCK', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1, connections: { size: 2, declared: true, inStore: true } }, store: { before: farStore(10) }, load: { during: share(1.3) } },
  { name: 'pool-waitress', truth: 'LOCK', split: 'held-out', server: 'waitress', size: pool(32), work: { cpuMs: 1, connections: { size: 3 } }, store: { before: farStore(15) }, load: { during: share(1.3) } },
  { name: 'pool-waitress-in-store', truth: 'LOCK', split: 'held-out', server: 'waitress', size: pool(16), work: { cpuMs: 1, connections: { size: 2, inStore: true } }, store: { before: farStore(10) }, load: { during: share(1.3) } },
  { name: 'lock-gunicorn', truth: 'LOCK', split: 'held-out', server: 'gunicorn', size: pool(16), work: { cpuMs: 2, lock: { places: 2, heldMs: 20 } }, store: near, load: { during: share(1.3) } },
  { name: 'lock-gunicorn-declared', truth: 'LOCK', split: 'held-out', server: 'gunicorn', size: pool(16), work: { cpuMs: 2, lock: { places: 2, heldMs: 20, declared: true } }, store: near, load: { during: share(1.3) } },
  { name: 'lock-uvicorn', truth: 'LOCK', split: 'held-out', server: 'uvicorn', size: pool(32), work: { cpuMs: 1, lock: { places: 1, heldMs: 10 } }, store: near, load: { during: share(1.3) } },
  { name: 'lock-waitress-3-new', truth: 'LOCK', split: 'held-out', server: 'waitress', size: pool(24), work: { cpuMs: 1, lock: { places: 3, heldMs: 25 } }, store: near, load: { during: share(1.2) } },
];

/** A pool below its floor: slots wait for the store while requests wait for slots. */
const threads: readonly Scenario[] = [
  { name: 'threads-waitress-1', truth: 'THREADS', split: 'training', server: 'waitress', size: pool(1), work: { cpuMs: 1 }, store: { before: farStore(10) }, load: { during: clients(16) } },
  { name: 'threads-waitress-2-open', truth: 'THREADS', split: 'training', server: 'waitress', size: pool(2), mostThreads: 2, work: { cpuMs: 2 }, store: { before: farStore(15) }, load: { during: share(1.1) } },
  { name: 'threads-builtin-2', truth: 'THREADS', split: 'training', server: 'builtin', size: pool(2), work: lightShape, store: { before: farStore(10) }, load: { during: clients(16) } },
  { name: 'threads-uvicorn-2', truth: 'THREADS', split: 'held-out', server: 'uvicorn', size: pool(2), work: { cpuMs: 1 }, store: { before: farStore(15) }, load: { during: clients(16) } },
  { name: 'threads-gunicorn-2', truth: 'THREADS', split: 'held-out', server: 'gunicorn', size: pool(2), work: { cpuMs: 2 }, store: { before: farStore(20) }, load: { during: share(1.1) } },
  { name: 'threads-go-2', truth: 'THREADS', split: 'held-out', server: 'go', size: pool(2, 2), work: lightShape, store: { before: farStore(10) }, load: { during: clients(16) } },
  { name: 'threads-builtin-3', truth: 'THREADS', split: 'held-out', server: 'builtin', size: pool(3), work: lightShape, store: { before: farStore(25) }, load: { during: clients(24) } },
  { name: 'threads-uvicorn-6-new', truth: 'THREADS', split: 'held-out', server: 'uvicorn', size: pool(6), mostThreads: 6, seconds: 60, work: { cpuMs: 2 }, store: { before: farStore(35) }, load: { during: share(1.3) } },
];

/** Nothing limits these. */
const healthy: readonly Scenario[] = [
  { name: 'ok-waitress-low', truth: 'OK', split: 'training', server: 'waitress', size: pool(8), work: { cpuMs: 5 }, store: near, load: { during: share(0.2) } },
  { name: 'ok-waitress-high', truth: 'OK', split: 'training', server: 'waitress', size: pool(8), work: { cpuMs: 5 }, store: near, load: { during: share(0.65) } },
  { name: 'ok-uvicorn-high', truth: 'OK', split: 'training', server: 'uvicorn', size: pool(32), work: { cpuMs: 5 }, store: near, load: { during: share(0.65) } },
  { name: 'ok-go-high', truth: 'OK', split: 'training', server: 'go', size: pool(32, 2), work: heavyShape, load: { during: share(0.6) } },
  { name: 'ok-waitress-store-busy', truth: 'OK', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 1 }, store: { before: fullStore(8, 10) }, load: { during: share(0.5) } },
  { name: 'ok-waitress-32-high', truth: 'OK', split: 'held-out', server: 'waitress', size: pool(32), work: { cpu: 'python', cpuMs: 4 }, store: near, load: { during: share(0.65) } },
  { name: 'ok-gunicorn-high', truth: 'OK', split: 'held-out', server: 'gunicorn', size: pool(8, 2), work: { cpuMs: 5 }, store: near, load: { during: share(0.6) } },
  { name: 'ok-builtin-high', truth: 'OK', split: 'held-out', server: 'builtin', size: pool(32), work: heavyShape, load: { during: share(0.65) } },
  { name: 'ok-free-threaded-high', truth: 'OK', split: 'held-out', server: 'free-threaded', size: pool(16), work: { cpuMs: 5 }, store: near, load: { during: share(0.6) } },
  { name: 'ok-waitress-limit-1', truth: 'OK', split: 'held-out', server: 'waitress', size: pool(8), work: { cpuMs: 5 }, store: near, quota: 1, load: { during: share(0.6) } },
  { name: 'ok-waitress-lock', truth: 'OK', split: 'held-out', server: 'waitress', size: pool(16), work: { cpuMs: 1, lock: { places: 1, heldMs: 2, declared: true } }, store: near, load: { during: share(0.5) } },
];

/** What only an experiment tells lasts for ten windows and not for five: the pool may be at its maximum before two sizes of it have been seen full. */
const long = (scenario: Scenario): Scenario => ({ seconds: 60, ...scenario });
const isDeclared = ({ work }: Scenario): boolean => typeof work !== 'string' && (work.lock?.declared === true || work.connections?.declared === true);

export const waiting = [store.map(long), far, lock.map((scenario) => (isDeclared(scenario) ? scenario : long(scenario))), threads, healthy] as const;
