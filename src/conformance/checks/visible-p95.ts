import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { NotChecked, pass, passUnless } from '../check.ts';
import { Between, quantile, quantileThrough } from '../metrics/metrics-page.ts';
import { machineTicks, othersInTheWay } from '../server/machine.ts';
import { usualShape } from '../session.ts';
import type { Session } from '../session.ts';

const shares = [0.5, 0.9, 1.5];
const tolerance = 0.15;
/** The client's own timers are no better. */
const slackMs = 3;
/** A small machine with other programs on it: what differs once may be noise, what differs each time is not. */
const tries = 3;
const fewestRequests = 300;
/** Requests a second that the generator sends without being a queue itself, with the server on the same two cores. */
const easyPerSecond = 800;
/** Fast servers get larger requests. */
const shapes = ['1x50', '10x50', '50x50', '100x50'];
/** CPU seconds a second: above this the generator measures itself. */
const generatorLimit = 0.7;
/** Share of the time in which the generator did not run: whoever waits through that is more than half of the tail. */
const pausedLimit = 0.025;
/** No noise hides this much of a wait for so long, the longest pause taken off. */
const farOff = 0.4;
const farOffMs = 50;

interface Cell {
  readonly share: number;
  readonly perSecond: number;
  readonly serverMs: number;
  /** Through the server's own buckets, as the next. */
  readonly clientMs: number;
  /** Without the generator's own lateness. */
  readonly fromSendingMs: number;
  /** CPU seconds a second of the load generator. */
  readonly generatorBusy: number;
  /** Share of the cores that other programs used, when they were in the way. */
  readonly others: number | undefined;
  /** Of the time, in which the generator did not run; and the longest such time, ms. */
  readonly pausedShare: number;
  readonly longestPauseMs: number;
}

/** The p95 on the page is the one that clients feel. @module */
export const visibleP95: Check = {
  name: 'visible-p95',
  title: 'a server that says queue_visible="true" shows the p95 that its clients feel, at 0.5, 0.9 and 1.5 times capacity',
  section: '`queue_visible`: whether the p95 is the client\'s',
  slow: true,
  run: async (session) => {
    const claims = (await session.subject.scrape()).series(poolMetrics.info)[0]?.labels.get('queue_visible') === 'true';
    const shape = await shapeFor(session);
    const cells: Cell[] = [];
    for (const share of shares) cells.push(await bestOf(session, { share, shape }, claims ? tries : 1));
    const table = `${session.options.body === null ? `${shape}: ` : ''}${cells.map(describe).join('; ')}`;
    if (!claims) return pass(`it says queue_visible="false", so nothing is promised: ${table}`);
    const problems = cells.filter((cell) => !isVisible(cell)).map(
      (cell): Problem => ({ expected: `at ${cell.share} times capacity (${cell.perSecond.toFixed(0)}/s) a p95 within ${tolerance * 100} % of the client's ${cell.clientMs.toFixed(1)} ms, in one of ${tries} tries`, seen: `${cell.serverMs.toFixed(1)} ms` }),
    );
    return passUnless(problems, table);
  },
};

const isVisible = ({ serverMs, clientMs, fromSendingMs }: Cell): boolean => isNear(serverMs, clientMs) || isNear(serverMs, fromSendingMs);
const isNear = (serverMs: number, clientMs: number): boolean => Math.abs(serverMs - clientMs) <= Math.max(tolerance * clientMs, slackMs);
const describe = ({ share, serverMs, clientMs, fromSendingMs }: Cell): string => `${share}: server ${serverMs.toFixed(1)} ms, client ${clientMs.toFixed(1)} ms${isNear(serverMs, clientMs) ? '' : ` (${fromSendingMs.toFixed(1)} from sending)`}`;

/** The smallest synthetic request of which the server answers no more than the generator can send. */
const shapeFor = async (session: Session): Promise<string> => {
  if (session.options.body !== null) return usualShape;
  for (const shape of shapes) if ((await session.capacity(shape)) <= easyPerSecond) return shape;
  return shapes.at(-1) ?? usualShape;
};

interface Wish {
  readonly share: number;
  readonly shape: string;
}

const bestOf = async (session: Session, wish: Wish, tries: number): Promise<Cell> => {
  let cell = await measure(session, wish);
  for (let count = 1; count < tries && !isVisible(cell); count += 1) cell = await measure(session, wish);
  const excuse = isVisible(cell) || tries === 1 ? undefined : excuseFor(cell);
  if (excuse === undefined) return cell;
  throw new NotChecked(`at ${wish.share} times capacity (${cell.perSecond.toFixed(0)}/s) the server says ${cell.serverMs.toFixed(1)} ms and the client ${cell.clientMs.toFixed(1)} ms, but ${excuse}`);
};

/** What else may be the reason of a difference. */
const excuseFor = ({ generatorBusy, others, serverMs, clientMs, pausedShare, longestPauseMs }: Cell): string | undefined => {
  if (generatorBusy > generatorLimit) return `the load generator used ${generatorBusy.toFixed(2)} of a core and measures itself: give larger requests with --request-body`;
  const isPaused = pausedShare > pausedLimit;
  const feltMs = isPaused ? clientMs - longestPauseMs : clientMs;
  if (serverMs < farOff * feltMs && feltMs > farOffMs) return undefined;
  if (others !== undefined) return `other programs used ${(others * 100).toFixed(0)} % of the cores meanwhile: repeat it when the machine is quiet`;
  // A pause of the client's makes its own value larger, never the server's.
  if (!isPaused || serverMs > clientMs) return undefined;
  return `the load generator did not get to run for ${(pausedShare * 100).toFixed(0)} % of the time, at most ${longestPauseMs.toFixed(0)} ms: repeat it on a machine with time for it, without a CPU limit`;
};

const measure = async (session: Session, { share, shape }: Wish): Promise<Cell> => {
  const perSecond = share * (await session.capacity(shape));
  const seconds = Math.min(10, Math.max(session.options.quick ? 1.5 : 3, fewestRequests / perSecond));
  const [before, ticksBefore] = [await session.subject.scrapeAtRest(), machineTicks()];
  const { latenciesMs, fromSendingMs, generatorCpuSeconds, pausedShare, longestPauseMs, seconds: took } = await session.load({ mode: { kind: 'open', perSecond }, shape, seconds });
  const [ticksAfter, after] = [machineTicks(), await session.subject.scrapeAtRest()];
  if (latenciesMs.length === 0) throw new NotChecked(`nothing was answered at ${share} times capacity`);
  const between = new Between(before, after);
  const shown = between.histogram('requestSeconds');
  const clientP95 = (sortedMs: readonly number[]): number => 1000 * quantileThrough(shown.edges, sortedMs.map((ms) => ms / 1000), 0.95);
  return {
    share,
    perSecond,
    serverMs: 1000 * quantile(shown, 0.95),
    clientMs: clientP95(latenciesMs),
    fromSendingMs: clientP95(fromSendingMs),
    generatorBusy: generatorCpuSeconds / took,
    pausedShare,
    longestPauseMs,
    others: othersInTheWay(ticksBefore, ticksAfter, generatorCpuSeconds + between.value(poolMetrics.cpuSeconds)),
  };
};
