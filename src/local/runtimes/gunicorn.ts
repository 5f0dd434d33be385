/**
 * Processes that come and go live, each with a few threads that it takes at its start.
 *
 * @module
 */
import { pythonFeatures, pythonScale } from './python-features.ts';

/** A request costs 1.1 ms of CPU. Its threads change by a rollout, its processes while it serves. */
export const gunicorn = pythonFeatures({
  app: 'wsgi', server: 'gunicorn', json: 'json', environment: 'pool',
  scale: { ...pythonScale, processes: { min: 1, max: 2 } },
});
