/**
 * Memory of a pod of each server, at rest and under load.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import { bodiesOf } from '../bodies.ts';
import { forEachServer, ordinarySize, withServer } from '../context.ts';
import type { BenchContext } from '../context.ts';
import type { MeasuredServer } from '../server-process.ts';

export interface Memory {
  readonly server: string;
  readonly restMiB: number;
  /** Largest of ten looks a second while 16 requests of 10x50 are in flight. */
  readonly loadMiB: number;
}

export const measureMemory = (context: BenchContext): Promise<Memory[]> =>
  forEachServer(context, context.variants, async (variant) => {
    const memory = await withServer(context, variant, { size: ordinarySize(variant) }, (server) => memoryOf(context, variant.name, server));
    context.progress(`${variant.name}: ${memory.restMiB} MiB at rest, ${memory.loadMiB} under load`);
    return [memory];
  });

const memoryOf = async ({ vegeta, seconds }: BenchContext, name: string, server: MeasuredServer): Promise<Memory> => {
  await delay(2000);
  const rest = server.usage(true).memoryBytes;
  const targets = vegeta.writeTargets('memory', server.port, bodiesOf('10x50'));
  let most = rest;
  const watch = async (): Promise<void> => {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(100)) most = Math.max(most, server.usage(true).memoryBytes);
  };
  await vegeta.attack({ port: server.port, targets, seconds, load: { atOnce: 16 } }, watch);
  return { server: name, restMiB: Math.round(rest / 2 ** 20), loadMiB: Math.round(most / 2 ** 20) };
};
