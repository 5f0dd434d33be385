/**
 * Every runtime but the built-in one, which is the example itself and needs nothing but Node.
 *
 * @module
 */
import { asyncio } from './asyncio.ts';
import { feast } from './feast.ts';
import { freeThreaded } from './free-threaded.ts';
import { go } from './go.ts';
import { gunicorn } from './gunicorn.ts';
import type { Runtime } from './runtime.ts';
import { waitressOrjson } from './waitress-orjson.ts';
import { waitress } from './waitress.ts';

const runtimes = { waitress, 'waitress-orjson': waitressOrjson, gunicorn, asyncio, 'free-threaded': freeThreaded, feast, go } as const satisfies Record<string, Runtime>;

export type RuntimeName = 'builtin' | keyof typeof runtimes;

/** In the order in which they are told. */
export const runtimeNames: readonly RuntimeName[] = ['builtin', ...Object.keys(runtimes).filter((name): name is keyof typeof runtimes => name in runtimes)];

/** Undefined for the built-in server. */
export const findRuntime = (name: RuntimeName): Runtime | undefined => (name === 'builtin' ? undefined : runtimes[name]);
