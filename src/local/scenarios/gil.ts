/**
 * Python threads that fight for the interpreter.
 *
 * @module
 */
import { pythonFleet } from './python-fleet.ts';
import type { Scenario } from './scenario.ts';

const load = { before: 30, after: 140 };
const cpuMs = 10;

/** 10 ms of CPU by the clock of the thread: one interpreter ends below 100 requests a second, on the fastest machine too. */
export const gil: Scenario = {
  help: 'Python threads compute under the interpreter lock, and the load outgrows one core (needs Python)',
  class: 'GIL',
  answer: 'pods, since waitress has one process; advice on orjson, a free-threaded Python and the built-in server',
  load,
  atSeconds: 15,
  cause: `the load grows from ${load.before} to ${load.after} requests/s, each ${cpuMs} ms of CPU under the interpreter lock: more than one core`,
  prepare: (progress) => pythonFleet(progress, { env: { SCENARIO_CPU_MS: String(cpuMs) }, threads: { min: 4, initial: 8, max: 16 }, pods: 3 }),
};
