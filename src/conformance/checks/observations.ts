import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import { steadyLoad } from '../facts.ts';

/** Each answered request is observed once by each histogram, and costs CPU. @module */
export const observations: Check = {
  name: 'observations',
  title: 'each answered request is observed once in each histogram, and its CPU is counted',
  section: 'GET /metrics',
  run: async (session) => {
    const { between } = await steadyLoad(session);
    const answered = between.answered();
    const problems: Problem[] = [];
    for (const name of ['requestSeconds', 'queueSeconds', 'serviceSeconds', 'storeSeconds'] as const) {
      const { count } = between.histogram(name);
      if (count !== answered) problems.push({ expected: `${poolMetrics[name]}_count rose by the ${answered} answered requests`, seen: String(count) });
    }
    const cpu = between.value(poolMetrics.cpuSeconds);
    const serving = between.value(poolMetrics.processCpuSeconds);
    if (!(cpu > 0)) problems.push({ expected: `${poolMetrics.cpuSeconds} rises under load`, seen: `${cpu} s more` });
    if (!(serving > 0)) problems.push({ expected: `${poolMetrics.processCpuSeconds} rises under load`, seen: `${serving} s more` });
    // The parts may be read a little after the whole.
    if (serving > cpu * 1.1 + 0.1) problems.push({ expected: `the serving processes use at most the CPU of the pod, ${cpu.toFixed(2)} s`, seen: `${serving.toFixed(2)} s` });
    return passUnless(problems, `${answered} requests, ${((1000 * cpu) / Math.max(1, answered)).toFixed(2)} ms of CPU each`);
  },
};
