/**
 * Threads under an interpreter lock, JSON by a C extension.
 *
 * @module
 */
import { pythonFeatures, pythonScale } from './python-features.ts';

/** A request costs 1.4 ms of CPU. */
export const waitressOrjson = pythonFeatures({
  app: 'wsgi', server: 'waitress', json: 'orjson', environment: 'pool',
  scale: pythonScale,
});
