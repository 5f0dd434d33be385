/**
 * How each server of a scenario is started: the Python ones over the application of this benchmark, the others over features in Redis.
 *
 * @module
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { findFreeThreadedPython } from '../../../src/local/toolchain/free-threaded-python.ts';
import { poolPackageSources, pythonEnvironment } from '../../../src/local/toolchain/python-environment.ts';
import { runTool } from '../../../src/local/toolchain/run-tool.ts';
import type { ServerCommand } from '../../support/servers/server-variant.ts';
import { startSyntheticStore, storeBehind } from '../../support/servers/synthetic-store.ts';
import type { SyntheticStore } from '../../support/servers/synthetic-store.ts';
import { serverVariants } from '../../support/servers/variants.ts';
import type { AppSettings, ServerName, Setting } from './scenario.ts';

const appFolder = fileURLToPath(new URL('./app', import.meta.url));
const unitsSchema = z.object({ json: z.number().positive(), python: z.number().positive(), native: z.number().positive() });
type Units = z.infer<typeof unitsSchema>;

const variables = (settings: AppSettings, units: Units, storePort: number): Record<string, string> => {
  const { cpu = 'json', cpuMs, connections, lock } = settings;
  const values = {
    CPU: cpu, CPU_MS: cpuMs, UNITS_PER_MS: units[cpu], STORE_PORT: storePort,
    CONNECTIONS: connections?.size ?? 0, CONNECTIONS_DECLARED: Number(connections?.declared === true), POOL_IN_STORE: Number(connections?.inStore === true),
    LOCK_PLACES: lock?.places ?? 0, LOCK_MS: lock?.heldMs ?? 0, LOCK_DECLARED: Number(lock?.declared === true),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`PLATEAU_CAUSE_${name}`, String(value)]));
};

/** Interpreters, a Redis and timed work: made when first asked for, kept for the whole benchmark. */
export class ServerCommands {
  readonly #folder: string;
  readonly #progress: (line: string) => void;
  readonly #pythons = new Map<boolean, Promise<{ python: string; units: Units }>>();
  #store: ReturnType<typeof startSyntheticStore> | undefined;

  constructor(folder: string, progress: (line: string) => void) {
    this.#folder = folder;
    this.#progress = progress;
  }

  /** Port of the Redis behind the stand-in; undefined for servers that ask the stand-in alone. */
  async redisPort(server: ServerName): Promise<number | undefined> {
    return server === 'builtin' || server === 'go' ? (await this.#synthetic()).redis.port : undefined;
  }

  /** The command of a setting over the store stand-in at a port; 0: no store (Python), or the Redis itself. @throws MissingTool */
  async commandOf({ server, work }: Setting, storePort: number): Promise<ServerCommand> {
    if (typeof work === 'string') return this.#overRedis(server, storePort);
    const { python, units } = await this.#python(server === 'free-threaded');
    const isAsgi = server === 'uvicorn';
    return {
      argv: [python, '-m', 'plateau_pool', 'serve', isAsgi ? 'asgi:app' : 'wsgi:app', '--server', server === 'free-threaded' ? 'waitress' : server],
      env: { PYTHONPATH: `${poolPackageSources}:${appFolder}`, ...variables(work, units, storePort) },
    };
  }

  async stop(): Promise<void> {
    await (await this.#store)?.server.stop();
  }

  async #overRedis(name: ServerName, storePort: number): Promise<ServerCommand> {
    const store = await this.#synthetic();
    const variant = serverVariants.find((variant) => variant.name === name);
    if (variant === undefined) throw new Error(`no server "${name}"`);
    return variant.prepare(storePort === 0 ? store : storeBehind(store, storePort, join(this.#folder, `store-${storePort}`)), this.#progress);
  }

  async #synthetic(): Promise<SyntheticStore> {
    this.#store ??= startSyntheticStore(join(this.#folder, 'store'));
    return (await this.#store).store;
  }

  #python(isFreeThreaded: boolean): Promise<{ python: string; units: Units }> {
    const known = this.#pythons.get(isFreeThreaded) ?? this.#preparePython(isFreeThreaded);
    this.#pythons.set(isFreeThreaded, known);
    return known;
  }

  async #preparePython(isFreeThreaded: boolean): Promise<{ python: string; units: Units }> {
    const { python } = await (isFreeThreaded
      ? pythonEnvironment({ name: 'free-threaded', interpreter: await findFreeThreadedPython(), progress: this.#progress })
      : pythonEnvironment({ name: 'pool', progress: this.#progress }));
    const units = unitsSchema.parse(JSON.parse(await runTool(python, [join(appFolder, 'calibrate.py')])));
    return { python, units };
  }
}
