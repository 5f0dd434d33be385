import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { NotChecked, pass, passUnless } from '../check.ts';

/** The first `/readyz` with 200 is of a pool that has the size in the file. @module */
export const configurationFile: Check = {
  name: 'configuration-file',
  title: 'the configuration file is in force when the server is first ready',
  section: 'Configuration',
  run: async (session) => {
    const { firstReady } = session;
    if (session.started === undefined) throw new NotChecked('it needs a server that it can start: give its command behind --');
    if (firstReady === undefined) return { kind: 'fail', problems: [{ expected: 'GET /pool and GET /metrics answer as soon as /readyz says 200', seen: 'no state' }] };
    const { asked, state, threads, generation } = firstReady;
    const problems: Problem[] = [];
    for (const key of ['threads', 'processes', 'generation', 'objectiveMs'] as const) {
      if (state[key] !== asked[key]) problems.push({ expected: `GET /pool has "${key}":${asked[key]}, as in the file, when /readyz first says 200`, seen: String(state[key]) });
    }
    if (threads !== asked.threads) problems.push({ expected: `${poolMetrics.threads} is ${asked.threads} at that moment`, seen: String(threads) });
    if (generation !== asked.generation) problems.push({ expected: `${poolMetrics.generation} is ${asked.generation} at that moment`, seen: String(generation) });
    return problems.length > 0 ? passUnless(problems, '') : pass(`${asked.processes} x ${asked.threads}, generation ${asked.generation}, objective ${asked.objectiveMs} ms`);
  },
};
