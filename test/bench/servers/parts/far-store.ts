/**
 * A store that is 20 ms away, two cores: p95 at 2,000 requests a second of 1x50, and the highest rate that stays within 25 ms.
 *
 * @module
 */
import { join } from 'node:path';
import { storeBehind } from '../../../support/servers/synthetic-store.ts';
import { bodiesOf } from '../bodies.ts';
import { forEachServer, withServer } from '../context.ts';
import type { BenchContext } from '../context.ts';
import type { MeasuredServer } from '../server-process.ts';
import { startDelayedStore } from '../toxiproxy.ts';
import type { AttackResult } from '../vegeta.ts';
import { charged } from './cost.ts';

export const storeDelayMs = 20;
export const wantedP95Ms = 25;
const wantedPerSecond = 2000;
/** The in-flight limit is wide open: the machine's two cores, which load and store share, shall be the limit. */
const sizes = [1, 2].map((processes) => ({ threads: 512, processes }));
const compared = new Set(['builtin', 'go']);

export interface FarStore {
  readonly server: string;
  readonly processes: number;
  readonly at2000: AttackResult;
  readonly cpuMsPerRequest: number;
  /** Highest rate of the ladder with p95 within 25 ms and nothing lost; 0 when none. */
  readonly holdsPerSecond: number;
  readonly ladder: readonly { readonly perSecond: number; readonly p95Ms: number; readonly failed: number }[];
}

export const measureFarStore = async (context: BenchContext): Promise<FarStore[]> => {
  const delayed = await startDelayedStore(context.store.redis.port, storeDelayMs, context.progress);
  try {
    const store = storeBehind(context.store, delayed.port, join(context.folder, 'far'));
    return await forEachServer(context, context.variants.filter(({ name }) => compared.has(name)), async (variant) => {
      const found: FarStore[] = [];
      for (const size of sizes) found.push(await withServer(context, variant, { size, store }, (server) => farStoreOf(context, { name: variant.name, processes: size.processes, server })));
      return found;
    });
  } finally {
    await delayed.stop();
  }
};

interface Subject {
  readonly name: string;
  readonly processes: number;
  readonly server: MeasuredServer;
}

const farStoreOf = async ({ vegeta, seconds, progress }: BenchContext, { name, processes, server }: Subject): Promise<FarStore> => {
  const targets = vegeta.writeTargets('far', server.port, bodiesOf('1x50'));
  const attack = (perSecond: number, time: number): Promise<AttackResult> => vegeta.attack({ port: server.port, targets, seconds: time, load: { perSecond } });
  await attack(500, 3);
  const { result: at2000, cpuMs } = await charged(server, () => attack(wantedPerSecond, seconds));
  const ladder: { perSecond: number; p95Ms: number; failed: number }[] = [];
  // 12 % steps; two misses in a row end it, since one may be the machine's.
  for (let perSecond = 1000, misses = 0; misses < 2 && perSecond < 40_000; perSecond = Math.round(perSecond * 1.12)) {
    const { p95Ms, failed, shed } = await attack(perSecond, Math.max(4, seconds / 2));
    const holds = p95Ms <= wantedP95Ms && failed + shed === 0;
    misses = holds ? 0 : misses + 1;
    ladder.push({ perSecond, p95Ms, failed: failed + shed });
    progress(`${name} with ${processes}, store ${storeDelayMs} ms away: p95 ${p95Ms} ms at ${perSecond}/s`);
  }
  const held = ladder.filter(({ p95Ms, failed }) => p95Ms <= wantedP95Ms && failed === 0);
  return { server: name, processes, at2000, cpuMsPerRequest: cpuMs, holdsPerSecond: Math.max(0, ...held.map(({ perSecond }) => perSecond)), ladder };
};
