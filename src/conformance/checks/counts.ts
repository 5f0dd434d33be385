import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import { steadyLoad } from '../facts.ts';
import { answeredOf, failuresOf } from '../load/job.ts';

/** The server counts what its clients count, to the request. @module */
export const counts: Check = {
  name: 'counts',
  title: 'arrivals and answers are those that the load generator counts',
  section: 'GET /metrics',
  run: async (session) => {
    const { result, between, perSecond } = await steadyLoad(session);
    const problems: Problem[] = [];
    const failures = failuresOf(result);
    if (failures !== '') problems.push({ expected: `at ${perSecond.toFixed(0)} requests a second, ${((100 * perSecond) / (await session.capacity())).toFixed(0)} % of what it can do, every request is answered with 200`, seen: failures });
    const arrivals = between.value(poolMetrics.arrivals);
    if (arrivals !== result.sent) problems.push({ expected: `${poolMetrics.arrivals} rose by the ${result.sent} requests that were sent (does anybody else send?)`, seen: String(arrivals) });
    const answered = between.labelled(poolMetrics.requests, 'code', ['2xx']);
    if (answered !== answeredOf(result)) problems.push({ expected: `${poolMetrics.requests}{code="2xx"} rose by the ${answeredOf(result)} answers that came`, seen: String(answered) });
    return passUnless(problems, `${result.sent} requests at ${perSecond.toFixed(0)}/s`);
  },
};
