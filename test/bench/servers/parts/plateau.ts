/**
 * The plateau of each server: throughput, p95 and cores against the size of its pool, 64 requests at once in a closed loop.
 *
 * @module
 */
import { join } from 'node:path';
import type { ServerVariant } from '../../../support/servers/server-variant.ts';
import { storeBehind } from '../../../support/servers/synthetic-store.ts';
import type { SyntheticStore } from '../../../support/servers/synthetic-store.ts';
import { bodiesOf } from '../bodies.ts';
import { forEachServer, withServer } from '../context.ts';
import type { BenchContext } from '../context.ts';
import type { MeasuredServer } from '../server-process.ts';
import { startDelayedStore } from '../toxiproxy.ts';
import { charged } from './cost.ts';

/** A store nearby in the same zone. With none, one thread would be busy all the time and more could show nothing. */
export const storeDelayMs = 4;
export const plateauShape = '10x50';
export const atOnce = 64;
export const poolSizes = [1, 2, 4, 8, 16, 32] as const;

/** A closed loop waits: with the queue of a server that protects its p95 a small pool would be measured turning requests away. */
const patient = { PLATEAU_QUEUE_FACTOR: '100', PLATEAU_QUEUE_WAIT: '10s' };

export interface PlateauPoint {
  readonly server: string;
  readonly processes: number;
  readonly threads: number;
  readonly perSecond: number;
  readonly p95Ms: number;
  readonly cores: number;
  readonly cpuMsPerRequest: number;
  readonly failed: number;
}

export const measurePlateaus = async (context: BenchContext): Promise<PlateauPoint[]> => {
  const delayed = await startDelayedStore(context.store.redis.port, storeDelayMs, context.progress);
  try {
    const store = storeBehind(context.store, delayed.port, join(context.folder, 'near'));
    return await forEachServer(context, context.variants, (variant) => plateauOf(context, variant, store));
  } finally {
    await delayed.stop();
  }
};

const plateauOf = async (context: BenchContext, variant: ServerVariant, store: SyntheticStore): Promise<PlateauPoint[]> => {
  const points: PlateauPoint[] = [];
  const measured = async (server: MeasuredServer, threads: number, processes: number): Promise<void> => {
    const point = await pointOf(context, { variant, server, threads, processes });
    context.progress(`${variant.name}, ${threads} threads: ${point.perSecond}/s, p95 ${point.p95Ms} ms, ${point.cores} cores`);
    points.push(point);
  };
  // A server whose main knob is not live is started anew for each size. Under Gunicorn, processes are the knob that people turn first.
  if (variant.live.threads) {
    await withServer(context, variant, { size: { threads: 1, processes: 1 }, store, env: patient }, async (server) => {
      for (const threads of poolSizes) {
        await server.resize({ threads });
        await measured(server, threads, 1);
      }
    });
  } else {
    for (const threads of poolSizes) {
      await withServer(context, variant, { size: { threads, processes: variant.mostProcesses }, store, env: patient }, (server) => measured(server, threads, variant.mostProcesses));
    }
  }
  return points;
};

interface Point {
  readonly variant: ServerVariant;
  readonly server: MeasuredServer;
  readonly threads: number;
  readonly processes: number;
}

const pointOf = async ({ vegeta, seconds }: BenchContext, { variant, server, threads, processes }: Point): Promise<PlateauPoint> => {
  const targets = vegeta.writeTargets('plateau', server.port, bodiesOf(plateauShape));
  const attack = (time: number) => vegeta.attack({ port: server.port, targets, seconds: time, load: { atOnce } });
  await attack(1);
  const { result, cores, cpuMs } = await charged(server, () => attack(Math.max(3, seconds / 2)));
  return { server: variant.name, processes, threads, perSecond: result.perSecond, p95Ms: result.p95Ms, cores, cpuMsPerRequest: cpuMs, failed: result.failed + result.shed };
};

/** Smallest pool with at least 95 % of the best throughput: where the curve flattens. */
export const flattensAt = (points: readonly PlateauPoint[]): number | undefined => {
  const best = Math.max(...points.map(({ perSecond }) => perSecond));
  return points.find(({ perSecond }) => perSecond >= 0.95 * best)?.threads;
};
