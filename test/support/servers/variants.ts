/**
 * Every server that speaks the worker-pool protocol here. Conformance tests and benchmarks run through this list.
 *
 * @module
 */
import { join } from 'node:path';
import { findFreeThreadedPython } from '../../../src/local/toolchain/free-threaded-python.ts';
import { goProgram } from '../../../src/local/toolchain/go-program.ts';
import { poolPackageSources, pythonEnvironment } from '../../../src/local/toolchain/python-environment.ts';
import type { EnvironmentName } from '../../../src/local/toolchain/python-environment.ts';
import type { ServerCommand, ServerVariant } from './server-variant.ts';
import { checkout, plateau } from './synthetic-store.ts';
import type { SyntheticStore } from './synthetic-store.ts';

const shortConnectionAge = ['--max-connection-age', '2s'];

const builtin: ServerVariant = {
  name: 'builtin',
  model: 'eventloop',
  gil: 'none',
  live: { threads: true, processes: true },
  mostProcesses: 2,
  shortConnectionAge,
  prepare: async ({ featureStore }) => ({ argv: [...plateau, 'worker', '--feature-store', featureStore], env: {} }),
};

const go: ServerVariant = {
  name: 'go',
  model: 'processes',
  gil: 'none',
  live: { threads: true, processes: true },
  mostProcesses: 2,
  shortConnectionAge,
  prepare: async ({ redis, project }, progress) => {
    const program = await goProgram({ source: { folder: join(checkout, 'examples', 'go-feature-server') }, progress });
    return { argv: [program, '--store', `redis://${redis.host}:${redis.port}`, '--project', project], env: {} };
  },
};

interface PythonApp {
  readonly app: 'wsgi' | 'asgi';
  readonly server: 'waitress' | 'gunicorn' | 'uvicorn';
  readonly json: 'json' | 'orjson';
  readonly environment: EnvironmentName;
  readonly interpreter?: () => Promise<string>;
}

const pythonFeatures = async ({ app, server, json, environment, interpreter }: PythonApp, { redis, project }: SyntheticStore, progress: (line: string) => void): Promise<ServerCommand> => {
  const base = interpreter === undefined ? {} : { interpreter: await interpreter() };
  const { python } = await pythonEnvironment({ name: environment, progress, ...base });
  return {
    argv: [python, '-m', 'plateau_pool', 'serve', `plateau_pool.features.${app}:app`, '--server', server],
    env: {
      PYTHONPATH: poolPackageSources,
      PLATEAU_FEATURES_STORE: `redis://${redis.host}:${redis.port}`,
      PLATEAU_FEATURES_PROJECT: project,
      PLATEAU_FEATURES_JSON: json,
    },
  };
};

const python = (name: string, app: PythonApp, rest: Pick<ServerVariant, 'model' | 'gil' | 'live' | 'mostProcesses'>): ServerVariant => ({
  name,
  ...rest,
  shortConnectionAge,
  prepare: (store, progress) => pythonFeatures(app, store, progress),
});

const threads = { model: 'threads', live: { threads: true, processes: false }, mostProcesses: 1 } as const;

const waitress = python('waitress', { app: 'wsgi', server: 'waitress', json: 'json', environment: 'pool' }, { ...threads, gil: 'on' });
const waitressOrjson = python('waitress-orjson', { app: 'wsgi', server: 'waitress', json: 'orjson', environment: 'pool' }, { ...threads, gil: 'on' });
const gunicorn = python('gunicorn', { app: 'wsgi', server: 'gunicorn', json: 'json', environment: 'pool' }, { model: 'processes', gil: 'on', live: { threads: false, processes: true }, mostProcesses: 2 });
const asyncio = python('asyncio', { app: 'asgi', server: 'uvicorn', json: 'json', environment: 'pool' }, { model: 'eventloop', gil: 'on', live: { threads: true, processes: true }, mostProcesses: 2 });
const freeThreaded = python(
  'free-threaded',
  { app: 'wsgi', server: 'waitress', json: 'json', environment: 'free-threaded', interpreter: findFreeThreadedPython },
  { ...threads, gil: 'off' },
);

const feast: ServerVariant = {
  name: 'feast',
  model: 'eventloop',
  gil: 'on',
  live: { threads: true, processes: true },
  mostProcesses: 2,
  shortConnectionAge,
  prepare: async ({ featureStore }, progress) => {
    const { python: interpreter } = await pythonEnvironment({ name: 'feast', progress });
    return { argv: [interpreter, '-m', 'plateau_pool', 'serve', 'feast', '--feature-store', featureStore], env: { PYTHONPATH: poolPackageSources } };
  },
};

export const serverVariants: readonly ServerVariant[] = [builtin, go, waitress, waitressOrjson, gunicorn, asyncio, freeThreaded, feast];
