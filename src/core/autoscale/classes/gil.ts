import { fewerPods, podsWith } from './outlook.ts';
import type { Rule } from './rule.ts';
import { FULL_CORE, MOST_UNDER_LOCK, gilIsContended } from './signals.ts';
import { cores, ms, percent } from './words.ts';

/**
 * One process uses its core up while threads wait for the interpreter, and the limit (see CPU, which comes before) has more cores.
 * The strong signals are the threads in a timed futex and the probe; run-queue wait is a weak one (measured). A process that uses more than a core computes
 * beside the lock, as native code does. @module
 */
export const gil: Rule = {
  name: 'GIL',
  evidence: ({ facts }) => {
    const { processCores, gilWaiting, gilShare } = facts;
    if (processCores === null || processCores < FULL_CORE || processCores > MOST_UNDER_LOCK || !gilIsContended(facts)) return null;
    const waiting = gilWaiting === null ? `a probe waits ${percent(gilShare ?? 0)} of its time` : `${gilWaiting.toFixed(1)} of ${Math.round(facts.slots / Math.max(1, facts.pods.reporting))} threads wait`;
    return `one process uses ${cores(processCores)} and ${waiting} for the interpreter lock`;
  },
  isReachable: ({ gil: state, gilWaiting, gilShare }) => state === 'on' && (gilWaiting !== null || gilShare !== null),
  advice: (situation) => {
    const { model, current, spec, facts } = situation;
    if (model === null) return 'a native parser such as orjson, a free-threaded Python or the built-in server';
    const ceiling = `a process of this server ends at ${Math.round(1 / model.cpu)} requests/s, ${ms(model.cpu)} of CPU each`;
    const oneMore = fewerPods(situation, podsWith(situation, { ...model, coreLimit: null }, current.processes + 1), 'one more process');
    const isAtMost = current.processes >= spec.processes.max;
    const hasOne = facts.model === 'threads' && spec.processes.max === 1;
    const more = hasOne ? `serve it with several processes (waitress has one; server.python.server: gunicorn)${oneMore}` : isAtMost ? `raise pool.processes.max and the CPU limit${oneMore}` : 'more processes lift it';
    return `${ceiling}: ${more}; orjson or the built-in server lower the CPU per request, a free-threaded Python has no such lock`;
  },
};
