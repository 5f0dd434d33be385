/**
 * How long a resize takes under load, from PUT to in force, and what it loses: nothing may be lost.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerVariant } from '../../../support/servers/server-variant.ts';
import { bodiesOf } from '../bodies.ts';
import { forEachServer, ordinarySize, withServer } from '../context.ts';
import type { BenchContext } from '../context.ts';
import type { MeasuredServer } from '../server-process.ts';

export interface Resizes {
  readonly server: string;
  readonly knob: 'threads' | 'processes';
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  /** Without an answer, or with a wrong one. */
  readonly lost: number;
  /** Answered 503 with Retry-After. */
  readonly refused: number;
}

const pauseMs = { threads: 50, processes: 400 };
const counts = { threads: 100, processes: 20 };

export const measureResizes = (context: BenchContext): Promise<Resizes[]> =>
  forEachServer(context, context.variants, async (variant) => {
    const all: Resizes[] = [];
    for (const knob of ['threads', 'processes'] as const) {
      if (!variant.live[knob]) continue;
      const resizes = await withServer(context, variant, { size: ordinarySize(variant) }, (server) => resizesOf(context, { variant, server, knob }));
      context.progress(`${variant.name}, ${knob}: in force after ${resizes.p50Ms} ms (p99 ${resizes.p99Ms}), ${resizes.lost} of ${resizes.requests} requests lost, ${resizes.refused} refused`);
      all.push(resizes);
    }
    return all;
  });

interface Subject {
  readonly variant: ServerVariant;
  readonly server: MeasuredServer;
  readonly knob: 'threads' | 'processes';
}

const resizesOf = async ({ vegeta }: BenchContext, { variant, server, knob }: Subject): Promise<Resizes> => {
  const targets = vegeta.writeTargets('resize', server.port, bodiesOf('1x50'));
  const { perSecond } = await vegeta.attack({ port: server.port, targets, seconds: 2, load: { atOnce: 16 } });
  const times: number[] = [];
  const turn = async (): Promise<void> => {
    await delay(500);
    for (let index = 0; index < counts[knob]; index++) {
      times.push(await server.resize(sizeFor(variant, knob, index)));
      await delay(pauseMs[knob]);
    }
  };
  const seconds = 2 + Math.ceil((counts[knob] * (pauseMs[knob] + 200)) / 1000);
  const result = await vegeta.attack({ port: server.port, targets, seconds, load: { perSecond: Math.max(2, Math.round(perSecond * 0.3)) } }, turn);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN) * 10) / 10;
  return { server: variant.name, knob, count: times.length, p50Ms: at(0.5), p99Ms: at(0.99), requests: result.sent, lost: result.failed, refused: result.shed };
};

const sizeFor = (variant: ServerVariant, knob: 'threads' | 'processes', index: number): { threads: number } | { processes: number } => {
  if (knob === 'processes') return { processes: index % 2 === 0 ? 2 : 1 };
  const { threads } = ordinarySize(variant);
  return { threads: index % 2 === 0 ? threads * 2 : threads };
};
