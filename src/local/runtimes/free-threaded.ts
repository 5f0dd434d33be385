/**
 * Threads without an interpreter lock: CPython 3.13 or newer, built free-threaded.
 *
 * @module
 */
import { findFreeThreadedPython } from '../toolchain/free-threaded-python.ts';
import { pythonFeatures, pythonScale } from './python-features.ts';

/** A request costs 2.2 ms of CPU. */
export const freeThreaded = pythonFeatures({
  app: 'wsgi', server: 'waitress', json: 'json', environment: 'free-threaded', interpreter: findFreeThreadedPython,
  scale: pythonScale,
});
