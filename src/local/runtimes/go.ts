/**
 * The server of examples/go-feature-server: the rewrite in Go.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goProgram } from '../toolchain/go-program.ts';
import { MissingTool } from '../toolchain/missing-tool.ts';
import { findRedisServer } from '../toolchain/redis-server.ts';
import { queueFactor } from './manifest.ts';
import type { Runtime } from './runtime.ts';

const sources = join(resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..'), 'examples', 'go-feature-server');
const image = 'go-feature-server';

/** A request costs 0.36 ms of CPU here, less than the built-in server's 0.63: the trace as it is, and the pool of the example. */
export const go: Runtime = {
  scale: { trace: 1, threads: { min: 4, initial: 6, max: 22 }, processes: { min: 1, max: 1 } },
  prepare: async (progress) => {
    await findRedisServer();
    if (!existsSync(sources)) throw new MissingTool('the Go server runs from a checkout of the project only: the installed package has no Go sources');
    const program = await goProgram({ source: { folder: sources }, progress });
    return {
      images: new Map([[image, { entrypoint: [program] }]]),
      server: ({ host, port, project }) => ({ server: { custom: { image, args: ['--store', `redis://${host}:${port}`, '--project', project, '--queue-factor', queueFactor] } } }),
    };
  },
};
