/**
 * CPU per request and p95 of every server at every shape: at half of its own capacity in an open loop, and at capacity.
 *
 * @module
 */
import type { ServerVariant } from '../../../support/servers/server-variant.ts';
import { bodiesOf, shapes } from '../bodies.ts';
import type { Shape } from '../bodies.ts';
import { forEachServer, ordinarySize, withServer } from '../context.ts';
import type { BenchContext } from '../context.ts';
import type { MeasuredServer } from '../server-process.ts';
import type { AttackResult } from '../vegeta.ts';

export interface Cost {
  readonly server: string;
  readonly shape: Shape;
  /** One process, as many requests at once as `atOnce` says. */
  readonly capacityPerSecond: number;
  readonly cpuMsAtCapacity: number;
  readonly coresAtCapacity: number;
  readonly offeredPerSecond: number;
  readonly cpuMsPerRequest: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly failed: number;
}

const atOnce = 16;

export const measureCosts = (context: BenchContext): Promise<Cost[]> =>
  forEachServer(context, context.variants, (variant) => withServer(context, variant, { size: ordinarySize(variant) }, (server) => costsOf(context, variant, server)));

const costsOf = async (context: BenchContext, variant: ServerVariant, server: MeasuredServer): Promise<Cost[]> => {
  const costs: Cost[] = [];
  for (const shape of shapes) {
    const cost = await costOf(context, { server, name: variant.name, shape });
    context.progress(`${variant.name} ${shape}: ${cost.cpuMsPerRequest} ms CPU a request, p95 ${cost.p95Ms} ms at ${cost.offeredPerSecond}/s, at most ${cost.capacityPerSecond}/s`);
    costs.push(cost);
  }
  return costs;
};

interface Cell {
  readonly server: MeasuredServer;
  readonly name: string;
  readonly shape: Shape;
}

const costOf = async ({ vegeta, seconds }: BenchContext, { server, name, shape }: Cell): Promise<Cost> => {
  const targets = vegeta.writeTargets(shape, server.port, bodiesOf(shape));
  const attack = (time: number, load: { atOnce: number } | { perSecond: number }): Promise<Charged> => charged(server, () => vegeta.attack({ port: server.port, targets, seconds: time, load }));
  await attack(2, { atOnce }); // interpreters compile and caches fill
  const full = await attack(Math.max(2, seconds / 2), { atOnce });
  const offeredPerSecond = Math.max(1, Math.round(full.result.perSecond / 2));
  const half = await attack(seconds, { perSecond: offeredPerSecond });
  return {
    server: name, shape, offeredPerSecond,
    capacityPerSecond: full.result.perSecond, cpuMsAtCapacity: full.cpuMs, coresAtCapacity: full.cores,
    cpuMsPerRequest: half.cpuMs, p50Ms: half.result.p50Ms, p95Ms: half.result.p95Ms, failed: full.result.failed + half.result.failed + half.result.shed,
  };
};

export interface Charged {
  readonly result: AttackResult;
  /** CPU of all the server's processes per answered request, ms. */
  readonly cpuMs: number;
  readonly cores: number;
}

/** Runs an attack and charges the server's CPU to its requests. */
export const charged = async (server: MeasuredServer, attack: () => Promise<AttackResult>): Promise<Charged> => {
  const [before, began] = [server.usage().cpuSeconds, performance.now()];
  const result = await attack();
  const cpuSeconds = server.usage().cpuSeconds - before;
  const wallSeconds = (performance.now() - began) / 1000;
  return { result, cpuMs: Math.round((cpuSeconds / Math.max(1, result.ok)) * 1e6) / 1000, cores: Math.round((cpuSeconds / wallSeconds) * 100) / 100 };
};
