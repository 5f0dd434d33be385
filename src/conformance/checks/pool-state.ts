import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';

/** `GET /pool` has its shape, and agrees with the page of metrics. @module */
export const poolState: Check = {
  name: 'pool-state',
  title: 'GET /pool answers the state, within its own limits and the same as the metrics',
  section: 'GET /pool, PUT /pool',
  run: async ({ subject }) => {
    const [state, page] = [await subject.state(), await subject.scrape()];
    const problems: Problem[] = [];
    for (const knob of ['threads', 'processes'] as const) {
      const { min, max } = state.limits[knob];
      if (!(min >= 1 && min <= max)) problems.push({ expected: `limits of ${knob} with 1 <= min <= max`, seen: `${min} to ${max}` });
      if (state[knob] < min || state[knob] > max) problems.push({ expected: `${knob} within its limits ${min} to ${max}`, seen: String(state[knob]) });
    }
    if (!(state.objectiveMs > 0)) problems.push({ expected: 'an objective above 0', seen: String(state.objectiveMs) });
    for (const key of ['threads', 'processes', 'generation'] as const) {
      const shown = page.value(poolMetrics[key]);
      if (shown !== state[key]) problems.push({ expected: `${poolMetrics[key]} is what GET /pool says, ${state[key]}`, seen: String(shown) });
    }
    const desired = page.value(poolMetrics.threadsDesired);
    if (desired !== state.threads) problems.push({ expected: `${poolMetrics.threadsDesired} is what was last asked for, ${state.threads}`, seen: String(desired) });
    return passUnless(problems, `${state.processes} x ${state.threads} ${state.knob}, generation ${state.generation}`);
  },
};
