/**
 * An event loop under an interpreter lock, with a limit of requests in flight.
 *
 * @module
 */
import { pythonFeatures, pythonScale } from './python-features.ts';

/** A request costs 1.5 ms of CPU. */
export const asyncio = pythonFeatures({
  app: 'asgi', server: 'uvicorn', json: 'json', environment: 'pool',
  scale: pythonScale,
});
