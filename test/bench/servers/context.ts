/**
 * What the parts of the benchmark share.
 *
 * @module
 */
import type { ServerVariant } from '../../support/servers/server-variant.ts';
import type { SyntheticStore } from '../../support/servers/synthetic-store.ts';
import { MeasuredServer } from './server-process.ts';
import type { Size } from './server-process.ts';
import type { Vegeta } from './vegeta.ts';

export interface BenchContext {
  readonly variants: readonly ServerVariant[];
  readonly store: SyntheticStore;
  readonly vegeta: Vegeta;
  readonly folder: string;
  /** Seconds of each measured attack. */
  readonly seconds: number;
  readonly progress: (line: string) => void;
  /** What went wrong; a run with failures ends with exit code 1. */
  readonly failures: string[];
}

/** Sizes that suit a server on one core: few threads where there is a lock to fight over, many requests in flight in a loop. */
export const ordinarySize = ({ model, gil }: ServerVariant): Size => ({ threads: model === 'threads' && gil === 'on' ? 4 : 32, processes: 1 });

/** Runs `work` with a server that is started and ended around it. */
export const withServer = async <Result>(
  context: BenchContext,
  variant: ServerVariant,
  { size, store = context.store, env = {} }: { size: Size; store?: SyntheticStore; env?: Readonly<Record<string, string>> },
  work: (server: MeasuredServer) => Promise<Result>,
): Promise<Result> => {
  const { argv, env: own } = await variant.prepare(store, context.progress);
  const server = await MeasuredServer.start({ name: variant.name, command: { argv, env: { ...own, ...env } }, size, folder: context.folder });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
};

/** Runs `work` for every server, one after another. One that fails is said and left out: an hour of figures must not be lost for it. */
export const forEachServer = async <Result>(context: BenchContext, variants: readonly ServerVariant[], work: (variant: ServerVariant) => Promise<readonly Result[]>): Promise<Result[]> => {
  const results: Result[] = [];
  for (const variant of variants) {
    try {
      results.push(...(await work(variant)));
    } catch (error) {
      context.failures.push(`${variant.name}: ${error instanceof Error ? error.message : String(error)}`);
      context.progress(`!!! FAILED: ${variant.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return results;
};
