/**
 * Resizing under load: nothing is dropped, whether clients keep their connections or not.
 *
 * @module
 */
import type { PoolState } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { answeredOf, failuresOf } from '../load/job.ts';
import type { LoadResult } from '../load/job.ts';
import type { Session } from '../session.ts';
import { changeTo, knobsLive, otherSizes } from '../sizes.ts';
import { delay } from '../wait.ts';

/** Each waits for its answer, so that requests are in flight whenever the pool changes: of rare arrivals none may be. */
const mostClients = 4;
/** With half of the clients each time. */
const tries = 3;

const resizeCheck = (name: string, connections: string, keepAlive: boolean): Check => ({
  name,
  title: `a pool that grows and shrinks under load drops no request: ${connections}`,
  section: 'GET /pool, PUT /pool',
  run: async (session) => {
    const initial = await session.subject.state();
    if (knobsLive(initial).length === 0) throw new NotChecked('this server says that neither threads nor processes are live');
    let result = await resizeUnder(session, initial, { clients: mostClients, keepAlive });
    for (let count = 1; count < tries && onlyRefused(result); count += 1) result = await resizeUnder(session, initial, { clients: mostClients / 2 ** count, keepAlive });
    const failures = failuresOf(result);
    const problems: Problem[] = failures === '' ? [] : [{ expected: `all of ${result.sent} requests are answered with 200 while the pool changes its size`, seen: failures }];
    if (answeredOf(result) === 0) problems.push({ expected: 'requests are answered while the pool changes its size', seen: 'none was' });
    return passUnless(problems, `${result.sent} requests; ${otherSizes(initial).map(({ threads, processes }) => `${processes} x ${threads}`).join(', ')}`);
  },
});

/** A queue that was full for a moment, on a machine that had other things to do; or a server that refuses while it changes. Less load tells which. */
const onlyRefused = ({ statuses, errors }: LoadResult): boolean => (statuses['503'] ?? 0) > 0 && Object.keys(statuses).every((status) => status === '200' || status === '503') && Object.keys(errors).length === 0;

const resizeUnder = async (session: Session, initial: PoolState, { clients, keepAlive }: { clients: number; keepAlive: boolean }): Promise<LoadResult> => {
  const { subject, options } = session;
  const load = await session.startLoad({ mode: { kind: 'closed', clients }, seconds: 600, keepAlive });
  try {
    for (const sizes of otherSizes(initial)) {
      await subject.change(changeTo(initial, sizes));
      await delay(options.quick ? 200 : 600);
      await subject.scrape();
    }
  } finally {
    await load.stop();
  }
  return load.result;
};

export const resizeKept = resizeCheck('resize-kept-connections', 'kept connections', true);
export const resizeNew = resizeCheck('resize-new-connections', 'a connection for each request', false);
