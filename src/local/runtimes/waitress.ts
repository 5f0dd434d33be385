/**
 * Threads under an interpreter lock, JSON by the standard library: the server that the story begins with.
 *
 * @module
 */
import { pythonFeatures, pythonScale } from './python-features.ts';

/** A request costs 1.4 ms of CPU. */
export const waitress = pythonFeatures({
  app: 'wsgi', server: 'waitress', json: 'json', environment: 'pool',
  scale: pythonScale,
});
