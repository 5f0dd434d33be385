/**
 * Causes that lie in the CPU: the interpreter's lock, an event loop, all cores, a quota, a neighbour.
 *
 * @module
 */
import type { Scenario } from '../scenario.ts';
import { clients, heavyShape, nearStore, pool, share } from './parts.ts';

const near = { before: nearStore };

/** One process, a CPU-heavy handler, threads that fight for the lock. */
const gil: readonly Scenario[] = [
  { name: 'gil-waitress-4', truth: 'GIL', split: 'training', server: 'waitress', size: pool(4), work: { cpuMs: 5 }, store: near, load: { during: clients(32) } },
  { name: 'gil-waitress-16', truth: 'GIL', split: 'training', server: 'waitress', size: pool(16), work: { cpuMs: 5 }, store: near, load: { during: clients(48) } },
  { name: 'gil-waitress-32-open', truth: 'GIL', split: 'training', server: 'waitress', size: pool(32), work: { cpuMs: 3 }, store: near, load: { during: share(1.05) } },
  { name: 'gil-waitress-8-python', truth: 'GIL', split: 'held-out', server: 'waitress', size: pool(8), work: { cpu: 'python', cpuMs: 6 }, store: near, load: { during: clients(24) } },
  { name: 'gil-gunicorn-16', truth: 'GIL', split: 'held-out', server: 'gunicorn', size: pool(16), work: { cpuMs: 5 }, store: near, load: { during: clients(48) } },
  { name: 'gil-waitress-24-python-open', truth: 'GIL', split: 'held-out', server: 'waitress', size: pool(24), work: { cpu: 'python', cpuMs: 4 }, store: near, load: { during: share(1.1) } },
];

/** One loop that is busy all the time. The built-in server answers more once it is warm than in the seconds that its capacity is taken from. */
const loop: readonly Scenario[] = [
  { name: 'loop-uvicorn', truth: 'LOOP', split: 'training', server: 'uvicorn', size: pool(32), work: { cpuMs: 5 }, store: near, load: { during: clients(32) } },
  { name: 'loop-builtin', truth: 'LOOP', split: 'training', server: 'builtin', size: pool(32), work: heavyShape, load: { during: clients(32) } },
  { name: 'loop-uvicorn-open', truth: 'LOOP', split: 'held-out', server: 'uvicorn', size: pool(64), work: { cpu: 'python', cpuMs: 6 }, store: near, load: { during: share(1.05) } },
  { name: 'loop-uvicorn-long', truth: 'LOOP', split: 'held-out', server: 'uvicorn', size: pool(16), work: { cpuMs: 25 }, store: near, load: { during: clients(24) } },
  { name: 'loop-builtin-open', truth: 'LOOP', split: 'held-out', server: 'builtin', size: pool(64), work: heavyShape, load: { during: share(1.4) } },
];

/** Every core of the limit is used, by native code or by several processes. The limit is one core, so that the load generator has the other. */
const cpu: readonly Scenario[] = [
  { name: 'cpu-go-64', truth: 'CPU', split: 'training', server: 'go', size: pool(64), work: '50x50', core: 0, load: { during: clients(32) } },
  { name: 'cpu-native-waitress', truth: 'CPU', split: 'training', server: 'waitress', size: pool(8), work: { cpu: 'native', cpuMs: 6 }, store: near, core: 0, load: { during: clients(32) } },
  { name: 'cpu-gunicorn-2', truth: 'CPU', split: 'training', server: 'gunicorn', size: pool(4, 2), work: { cpuMs: 5 }, store: near, core: 0, load: { during: clients(32) } },
  { name: 'cpu-builtin-2', truth: 'CPU', split: 'held-out', server: 'builtin', size: pool(32, 2), work: heavyShape, core: 0, load: { during: clients(48) } },
  { name: 'cpu-free-threaded', truth: 'CPU', split: 'held-out', server: 'free-threaded', size: pool(16), work: { cpuMs: 5 }, store: near, core: 0, load: { during: clients(32) } },
  // Threads under the lock at a limit of one core: an interpreter without it, or another process, would gain nothing.
  { name: 'cpu-waitress-limit-1', truth: 'CPU', split: 'held-out', server: 'waitress', size: pool(16), work: { cpuMs: 5 }, store: near, quota: 1, load: { during: clients(32) } },
  { name: 'cpu-go-1', truth: 'CPU', split: 'held-out', server: 'go', size: pool(32), work: heavyShape, core: 0, load: { during: clients(32) } },
];

/** A quota below what the process would use. */
const throttled: readonly Scenario[] = [
  { name: 'throttled-waitress-0.5', truth: 'THROTTLED', split: 'training', server: 'waitress', size: pool(4), work: { cpuMs: 5 }, store: near, quota: 0.5, load: { during: clients(16) } },
  { name: 'throttled-waitress-0.7-open', truth: 'THROTTLED', split: 'training', server: 'waitress', size: pool(4), work: { cpuMs: 5 }, store: near, quota: 0.7, load: { during: share(1) } },
  { name: 'throttled-go-1', truth: 'THROTTLED', split: 'training', server: 'go', size: pool(32, 2), work: heavyShape, quota: 1, load: { during: clients(32) } },
  { name: 'throttled-uvicorn-0.5', truth: 'THROTTLED', split: 'held-out', server: 'uvicorn', size: pool(32), work: { cpuMs: 5 }, store: near, quota: 0.5, load: { during: clients(24) } },
  { name: 'throttled-gunicorn-1', truth: 'THROTTLED', split: 'held-out', server: 'gunicorn', size: pool(4, 2), work: { cpuMs: 5 }, store: near, quota: 1, load: { during: clients(24) } },
  { name: 'throttled-builtin-0.6', truth: 'THROTTLED', split: 'held-out', server: 'builtin', size: pool(32), work: heavyShape, quota: 0.6, load: { during: clients(24) } },
  { name: 'throttled-waitress-0.4-python', truth: 'THROTTLED', split: 'held-out', server: 'waitress', size: pool(8), work: { cpu: 'python', cpuMs: 4 }, store: near, quota: 0.4, load: { during: clients(16) } },
];

/** Another program on the server's core. */
const steal: readonly Scenario[] = [
  { name: 'steal-waitress-1', truth: 'STEAL', split: 'training', server: 'waitress', size: pool(4), work: { cpuMs: 5 }, store: near, core: 0, coreLimit: null, hogs: 1, load: { during: share(0.6) } },
  { name: 'steal-waitress-3', truth: 'STEAL', split: 'training', server: 'waitress', size: pool(8), work: { cpuMs: 3 }, store: near, core: 0, coreLimit: null, hogs: 3, load: { during: share(0.35) } },
  { name: 'steal-go-2', truth: 'STEAL', split: 'training', server: 'go', size: pool(32), work: heavyShape, core: 0, coreLimit: null, hogs: 2, load: { during: share(0.5) } },
  { name: 'steal-uvicorn-1', truth: 'STEAL', split: 'held-out', server: 'uvicorn', size: pool(32), work: { cpuMs: 5 }, store: near, core: 0, coreLimit: null, hogs: 1, load: { during: share(0.6) } },
  { name: 'steal-gunicorn-2', truth: 'STEAL', split: 'held-out', server: 'gunicorn', size: pool(4), work: { cpuMs: 4 }, store: near, core: 0, coreLimit: 1, hogs: 2, load: { during: share(0.45) } },
  { name: 'steal-builtin-2', truth: 'STEAL', split: 'held-out', server: 'builtin', size: pool(32), work: heavyShape, core: 0, coreLimit: null, hogs: 2, load: { during: share(0.45) } },
  { name: 'steal-waitress-2-python', truth: 'STEAL', split: 'held-out', server: 'waitress', size: pool(16), work: { cpu: 'python', cpuMs: 5 }, store: near, core: 0, coreLimit: null, hogs: 2, load: { during: share(0.45) } },
];

export const cpuBound = [gil, loop, cpu, throttled, steal] as const;
