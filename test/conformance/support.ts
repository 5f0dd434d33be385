/**
 * Runs conformance on the small server of wrong-server.ts.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import type { ConformanceOptions } from '../../src/conformance/options.ts';
import { runConformance } from '../../src/conformance/run.ts';
import type { Result } from '../../src/conformance/run.ts';
import { freePort } from '../../src/local/toolchain/redis-server.ts';
import type { Fault } from './wrong-server/faults.ts';
import { startStore } from './wrong-server/store.ts';

const script = fileURLToPath(new URL('./wrong-server.ts', import.meta.url));
export const connectionAgeMs = 10_000;

/** The command of the small server. */
export const command = (fault: Fault | undefined, storePort?: number): string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  script,
  '--max-connection-age',
  String(connectionAgeMs),
  ...(fault === undefined ? [] : ['--fault', fault]),
  ...(storePort === undefined ? [] : ['--store-port', String(storePort)]),
];

export const optionsFor = (target: ConformanceOptions['target'], more: Partial<ConformanceOptions> = {}): ConformanceOptions => ({
  target,
  path: '/get-online-features',
  body: null,
  store: undefined,
  connectionAgeMs,
  quick: true,
  only: [],
  startTimeoutMs: 30_000,
  terminationGraceMs: 30_000,
  ...more,
});

/** All results of a run in which the server has a store behind a proxy. */
export const runWithStore = async (fault: Fault | undefined, more: Partial<ConformanceOptions> = {}): Promise<Result[]> => {
  const store = await startStore();
  try {
    const listen = { host: '127.0.0.1', port: await freePort() };
    const proxy = { kind: 'proxy', listen, target: { host: '127.0.0.1', port: store.port } } as const;
    return await runConformance(optionsFor({ kind: 'command', argv: command(fault, listen.port) }, { store: proxy, ...more }), () => undefined);
  } finally {
    store.server.close();
  }
};

/** Names of the checks that failed. */
export const failedIn = (results: readonly Result[]): string[] => results.filter(({ finding }) => finding.kind === 'fail').map(({ check }) => check.name);

/** Runs so many at once, in order. */
export const inParallel = async <Item, Done>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Done>): Promise<Done[]> => {
  const done: Done[] = [];
  const entries = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) done[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
};
