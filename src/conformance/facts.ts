/**
 * Loads that several checks look at: each runs once.
 *
 * @module
 */
import { poolMetrics } from '../api/protocol.ts';
import type { PoolState } from '../api/protocol.ts';
import { Failed } from './check.ts';
import { ask } from './http.ts';
import { Between } from './metrics/metrics-page.ts';
import type { MetricsPage } from './metrics/metrics-page.ts';
import { failuresOf } from './load/job.ts';
import type { LoadResult } from './load/job.ts';
import type { Session } from './session.ts';
import { knobsLive } from './sizes.ts';
import { delay, nowMs } from './wait.ts';

/** A quiet load, and what the page counted from rest to rest. */
export interface SteadyLoad {
  readonly result: LoadResult;
  readonly between: Between;
  readonly perSecond: number;
}

/** Share of the capacity, and an end: exactness needs no more requests than this. */
const steadyShare = 0.5;
const steadyPerSecond = 300;
const fewestRequests = 60;
/** A machine that is busy with something else for a moment fills a small queue: half of the load is tried then, and half of that. */
const tries = 4;

/** @throws Failed, NotChecked */
export const steadyLoad = async (session: Session): Promise<SteadyLoad> =>
  session.once('steady load', async () => {
    const capacity = await session.capacity();
    let steady: SteadyLoad | undefined;
    for (let count = 0; count < tries && (steady === undefined || failuresOf(steady.result) !== ''); count += 1) {
      steady = await steadyAt(session, Math.min(steadyPerSecond, steadyShare * capacity) / 2 ** count);
    }
    if (steady === undefined) throw new RangeError('there is at least one try');
    return steady;
  });

const steadyAt = async (session: Session, perSecond: number): Promise<SteadyLoad> => {
  const before = await session.subject.scrapeAtRest();
  const result = await session.load({ mode: { kind: 'open', perSecond }, seconds: Math.max(session.options.quick ? 1.5 : 3, fewestRequests / perSecond) });
  const after = await session.subject.scrapeAtRest();
  return { result, between: new Between(before, after), perSecond };
};

/** More clients than a small pool holds, for a moment. */
export interface Overload {
  readonly result: LoadResult;
  readonly between: Between;
  /** Scrapes while it went on, in order. */
  readonly pages: readonly MetricsPage[];
  readonly state: PoolState;
  readonly clients: number;
  /** The slowest answer of each page of the admin port meanwhile, ms; Infinity when there was none. */
  readonly slowest: ReadonlyMap<string, number>;
}

const adminPages = ['/healthz', '/readyz', '/metrics', '/pool'];
const mostClients = 192;

/** Makes the pool small where that can be, and sends more than it holds. @throws Failed, NotChecked */
export const overload = async (session: Session): Promise<Overload> =>
  session.once('overload', async () => {
    const { subject, options } = session;
    const capacity = await session.capacity();
    const initial = await subject.state();
    const canShrink = knobsLive(initial).includes('threads') && initial.threads > initial.limits.threads.min && hasToken(session);
    const state = canShrink ? await subject.change({ threads: initial.limits.threads.min }) : initial;
    // What waits at the end has to be worked off: no more than the pool does in some seconds.
    const clients = Math.round(Math.min(mostClients, Math.max(32, capacity * 2)));
    const before = await subject.scrapeAtRest();
    const load = await session.startLoad({ mode: { kind: 'closed', clients }, seconds: options.quick ? 1.5 : 3 });
    let isOver = false;
    void load.result.then(() => (isOver = true), () => (isOver = true));
    const { pages, slowest } = await watch(session, () => isOver);
    const result = await load.result;
    const after = await subject.scrapeAtRest();
    if (canShrink) await subject.change({ threads: initial.threads });
    return { result, between: new Between(before, after), pages, state, clients, slowest };
  });

const hasToken = ({ options: { target } }: Session): boolean => target.kind === 'command' || target.token !== undefined;

const watch = async (session: Session, isOver: () => boolean): Promise<Pick<Overload, 'pages' | 'slowest'>> => {
  const pages: MetricsPage[] = [];
  const slowest = new Map<string, number>();
  while (!isOver()) {
    for (const path of adminPages) slowest.set(path, Math.max(slowest.get(path) ?? 0, await timeOf(session, path)));
    const page = await session.subject.scrape();
    // After the last answer the pool is idle, and its page says nothing of the load.
    if (!isOver() && page.value(poolMetrics.inflight) > 0) pages.push(page);
    await delay(50);
  }
  return { pages, slowest };
};

const timeOf = async ({ subject }: Session, path: string): Promise<number> => {
  const started = nowMs();
  try {
    const { status } = await ask(`${subject.adminUrl}${path}`, { timeoutMs: 5000 });
    return status === 200 ? nowMs() - started : Infinity;
  } catch (error) {
    if (error instanceof Failed) throw error;
    return Infinity;
  }
};
