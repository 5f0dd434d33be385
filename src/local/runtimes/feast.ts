/**
 * Feast's own Python server on uvicorn.
 *
 * @module
 */
import { pythonEnvironment } from '../toolchain/python-environment.ts';
import { findRedisServer } from '../toolchain/redis-server.ts';
import { featureStoreName } from './manifest.ts';
import { pythonImage } from './python-features.ts';
import type { Runtime } from './runtime.ts';

const image = 'feast';

/** A request costs about 4 ms of CPU, nearly three times that of the Python application. */
export const feast: Runtime = {
  scale: { trace: 0.2, threads: { min: 1, initial: 1, max: 4 }, processes: { min: 1, max: 1 } },
  prepare: async (progress) => {
    await findRedisServer();
    const environment = await pythonEnvironment({ name: 'feast', progress });
    return {
      images: new Map([[image, pythonImage(environment)]]),
      server: () => ({ server: { feast: { image, server: 'uvicorn', featureStore: { configMap: { name: featureStoreName } } } } }),
    };
  },
};
