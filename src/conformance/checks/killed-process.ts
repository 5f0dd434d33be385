import { basename } from 'node:path';
import { readlinkSync } from 'node:fs';
import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Finding, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { cpuTicksOf, descendantsOf, hasProcessTree } from '../server/process-tree.ts';
import type { Session } from '../session.ts';
import { knobsLive } from '../sizes.ts';
import { delay, until } from '../wait.ts';

const recoverMs = 30_000;
/** So long the load shows who works; and so long it may take a slow machine to show it. */
const sampleMs = 700;
const noticeWithinMs = 5000;
/** Of ten milliseconds each: less is a helper and no server. */
const fewestTicks = 3;

/** What a dead process has counted is not lost, and another takes its place. @module */
export const killedProcess: Check = {
  name: 'killed-process',
  title: 'when a serving process is killed, no counter falls, and another takes its place',
  section: 'GET /metrics',
  run: async (session) => {
    const { subject } = session;
    if (!hasProcessTree) throw new NotChecked('it finds the serving processes in /proc, which this machine has not');
    const root = session.pid();
    if (descendantsOf(root).length === 0) throw new NotChecked('the server is a single process: when it dies, all of it begins anew');
    const initial = await subject.state();
    const wanted = initial.processes + 1;
    const canGrow = knobsLive(initial).includes('processes') && wanted <= initial.limits.processes.max;
    if (canGrow) await subject.change({ processes: wanted });
    try {
      return await killOne(session, root, canGrow ? wanted : initial.processes);
    } finally {
      if (canGrow) await subject.change({ processes: initial.processes });
    }
  },
};

const killOne = async (session: Session, root: number, processes: number): Promise<Finding> => {
  const { subject } = session;
  const victim = await busiest(session, root);
  const before = await subject.scrapeAtRest();
  const falls = subject.counters.falls.length;
  const family = descendantsOf(root).length;
  process.kill(victim, 'SIGKILL');
  const isWhole = (): boolean => !descendantsOf(root).includes(victim) && descendantsOf(root).length >= family;
  const problems: Problem[] = [];
  if (!(await recovers(session, processes, isWhole))) {
    problems.push({ expected: `within ${recoverMs / 1000} s another process has taken its place, requests are answered again and ${poolMetrics.processes} is what it was`, seen: 'not yet' });
  }
  const after = await subject.scrape();
  for (const { series, from, to } of subject.counters.falls.slice(falls)) problems.push({ expected: `${series} stays at ${from} or rises when a process is killed`, seen: to === undefined ? 'it left the page' : String(to) });
  return passUnless(problems, `killed process ${victim}; ${poolMetrics.arrivals} ${before.value(poolMetrics.arrivals)}, then ${after.value(poolMetrics.arrivals)}`);
};

/** The process below the server's main one that works on requests. */
const busiest = async (session: Session, root: number): Promise<number> => {
  const perSecond = Math.min(200, 0.5 * (await session.capacity()));
  const load = await session.startLoad({ mode: { kind: 'open', perSecond }, seconds: 60 });
  const before = new Map(descendantsOf(root).map((pid) => [pid, cpuTicksOf(pid)]));
  await delay(sampleMs);
  const victim = await until(noticeWithinMs, () => {
    const used = descendantsOf(root).map((pid) => ({ pid, ticks: cpuTicksOf(pid) - (before.get(pid) ?? Infinity) }));
    const [first] = used.toSorted((left, right) => right.ticks - left.ticks);
    return first !== undefined && first.ticks >= fewestTicks ? first.pid : undefined;
  });
  await load.stop();
  if (victim !== undefined) return victim;
  throw new NotChecked(`process ${root} (${programOf(root)}) does the work itself; its children use no CPU under load`);
};

const programOf = (pid: number): string => {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return 'unknown';
  }
};

/** Scrapes all the while, so that a counter that falls and comes back is seen. */
const recovers = async ({ subject }: Session, processes: number, isWhole: () => boolean): Promise<boolean> => {
  const whole = await until(recoverMs, async () => {
    const page = await subject.scrape();
    const answer = await subject.request({ timeoutMs: 5000 }).catch(() => undefined);
    return isWhole() && answer?.status === 200 && page.value(poolMetrics.processes) === processes ? true : undefined;
  });
  return whole === true;
};
