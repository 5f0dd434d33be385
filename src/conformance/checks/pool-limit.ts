import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { overload } from '../facts.ts';
import { Between } from '../metrics/metrics-page.ts';

/** Two scrapes are not taken exactly when their pages are written. */
const tolerance = 0.2;

/** The size that is said to be in force is the one that works. @module */
export const poolLimit: Check = {
  name: 'pool-limit',
  title: 'under more load than it holds, a pool of N places is busy with at most N requests, and shows those that are inside',
  section: 'GET /metrics',
  run: async (session) => {
    const { pages, state, clients } = await overload(session);
    const [first, last] = [pages[0], pages.at(-1)];
    if (first === undefined || last === undefined || last.atMs - first.atMs < 300) throw new NotChecked('the load was over before it could be scraped twice: run without --quick');
    const places = state.threads * state.processes;
    const between = new Between(first, last);
    const busy = between.value(poolMetrics.busyThreadSeconds) / between.seconds;
    const problems: Problem[] = [];
    if (!(busy <= places * (1 + tolerance))) problems.push({ expected: `${state.processes} x ${state.threads} places are busy for at most ${places} s a second`, seen: `${busy.toFixed(2)} s a second` });
    if (!(busy > 0)) problems.push({ expected: `places are busy while ${clients} clients ask`, seen: `${busy} s a second` });
    const inside = Math.max(...pages.map((page) => page.value(poolMetrics.inflight)));
    const isVisible = last.series(poolMetrics.info)[0]?.labels.get('queue_visible') === 'true';
    const waiting = Math.max(...pages.map((page) => page.value(poolMetrics.queueDepth)));
    if (isVisible && clients > places * 2 && !(waiting > 0)) problems.push({ expected: `${poolMetrics.queueDepth} is above 0 while ${clients} clients ask for ${places} places`, seen: `at most ${waiting} in ${pages.length} scrapes` });
    return passUnless(problems, `${busy.toFixed(2)} of ${places} places busy, up to ${inside} inside and ${waiting} waiting`);
  },
};
