import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { overload } from '../facts.ts';
import { failuresOf } from '../load/job.ts';

/** What has no place is told so, and when to come back. @module */
export const shedding: Check = {
  name: 'shedding',
  title: 'what finds no place is answered 503 with Retry-After, counted as rejected and not as answered',
  section: 'Connections, queue, overload',
  run: async (session) => {
    const { result, between, clients } = await overload(session);
    const refused = result.statuses['503'] ?? 0;
    const rejected = between.labelled(poolMetrics.rejected, 'reason');
    const others = Object.keys(result.statuses).filter((status) => status !== '200' && status !== '503');
    const problems: Problem[] = [];
    if (others.length > 0 || Object.keys(result.errors).length > 0) problems.push({ expected: `${clients} clients get 200 or 503`, seen: failuresOf(result) });
    if (result.silentRefusals > 0) problems.push({ expected: 'each 503 has a Retry-After', seen: `${result.silentRefusals} of ${refused} have none` });
    if (rejected !== refused) problems.push({ expected: `${poolMetrics.rejected} rose by the ${refused} refused requests`, seen: String(rejected) });
    const arrivals = between.value(poolMetrics.arrivals);
    if (arrivals !== result.sent) problems.push({ expected: `${poolMetrics.arrivals} rose by the ${result.sent} requests that were sent`, seen: String(arrivals) });
    if (problems.length === 0 && refused === 0) throw new NotChecked(`${clients} clients all found a place: the queue is longer than this check may fill`);
    return passUnless(problems, `${refused} of ${result.sent} refused`);
  },
};
