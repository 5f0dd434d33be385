/**
 * The feature-server application of the pool package, on one of the servers that the package runs.
 *
 * @module
 */
import { delimiter } from 'node:path';
import type { LocalImage } from '../kubelet/images.ts';
import { pythonEnvironment } from '../toolchain/python-environment.ts';
import type { EnvironmentName, PythonEnvironment } from '../toolchain/python-environment.ts';
import { findRedisServer } from '../toolchain/redis-server.ts';
import type { Runtime, RuntimeScale } from './runtime.ts';

export interface PythonFeatures {
  readonly app: 'wsgi' | 'asgi';
  readonly server: 'waitress' | 'gunicorn' | 'uvicorn';
  readonly json: 'json' | 'orjson';
  readonly environment: EnvironmentName;
  /** Finds another interpreter than the machine's own. @throws MissingTool */
  readonly interpreter?: () => Promise<string>;
  readonly scale: RuntimeScale;
}

/**
 * The CPU of a request is told in each file: the whole pod's, with its measuring, over 25 s of the run itself on the machine of
 * docs/figures.md, which other programs shared.
 */
export const pythonScale: RuntimeScale = { trace: 0.4, threads: { min: 1, initial: 2, max: 9 }, processes: { min: 1, max: 1 } };

const image = 'python-features';

/** Stands in for an image that holds this environment: its interpreter comes first on the path, as in an image. */
export const pythonImage = ({ bin }: PythonEnvironment): LocalImage => ({ env: { PATH: `${bin}${delimiter}${process.env['PATH'] ?? '/usr/bin:/bin'}` } });

/** The application in one of its variants. */
export const pythonFeatures = ({ app, server, json, environment, interpreter, scale }: PythonFeatures): Runtime => ({
  scale,
  prepare: async (progress) => {
    await findRedisServer();
    const base = interpreter === undefined ? {} : { interpreter: await interpreter() };
    const found = await pythonEnvironment({ name: environment, progress, ...base });
    return {
      images: new Map([[image, pythonImage(found)]]),
      server: ({ host, port, project }) => ({
        server: { python: { image, app: `plateau_pool.features.${app}:app`, server } },
        env: [
          { name: 'PLATEAU_FEATURES_STORE', value: `redis://${host}:${port}` },
          { name: 'PLATEAU_FEATURES_PROJECT', value: project },
          { name: 'PLATEAU_FEATURES_JSON', value: json },
        ],
      }),
    };
  },
});
