import { poolMetrics } from '../../api/protocol.ts';
import type { Check } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import { overload } from '../facts.ts';

/** A request that takes just as long may be on either side. */
const tolerance = 0.02;

/** What was answered too late is what lies above the objective's edge. @module */
export const overObjective: Check = {
  name: 'over-objective',
  title: 'worker_pool_over_objective_total counts what lies above the edge of the objective',
  section: 'GET /metrics',
  run: async (session) => {
    const { between, state } = await overload(session);
    const { edges, counts, count } = between.histogram('requestSeconds');
    const index = edges.findIndex((edge) => Math.abs(edge / (state.objectiveMs / 1000) - 1) < 1e-9);
    if (index < 0) throw new NotChecked('there is no edge at the objective (histogram-edges tells)');
    const above = count - (counts[index] ?? 0);
    const counted = between.value(poolMetrics.overObjective);
    const differs = !(Math.abs(counted - above) <= tolerance * count + 1);
    const problems = differs ? [{ expected: `${poolMetrics.overObjective} rose by the ${above} of ${count} requests above ${state.objectiveMs} ms`, seen: String(counted) }] : [];
    return passUnless(problems, `${counted} of ${count} requests above ${state.objectiveMs} ms`);
  },
};
