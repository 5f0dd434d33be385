import type { Facts } from '../measure.ts';
import type { Rule } from './rule.ts';
import { FULL_CORE, THROTTLED_TIME, coresAskedFor, cpuShare, waitPerCpuSecond } from './signals.ts';
import { ms, percent } from './words.ts';

/**
 * Seconds that threads wait for a core for each second that they run. Own threads make 0.4 of a busy process and 1.2 with 32 of them; a program
 * that shares the core makes 5 (measured).
 */
const WAIT = 1.5;
/** The thread of an event loop is in nobody's way: 1 with one neighbour (measured). */
const WAIT_OF_LOOP = 0.8;
/** The wait has to be felt: this share of a service. */
const SHARE = 0.2;
/** Under this share of its CPU a pod cannot be in its own way. */
const OWN = 0.8;

/** Where threads that are not bound to one core meet a node of unknown size, they may be in each other's way. */
const knowsItsCores = (facts: Facts): boolean => facts.coreLimit !== null || facts.gil === 'on' || facts.model !== 'threads';

/**
 * A server whose requests wait inside one thread, a loop or a Go scheduler, hides their wait for a core in their store's time. What shows is that the
 * process would fill a core if it got one.
 */
const wouldFillCore = (facts: Facts): boolean => facts.model !== 'threads' && (coresAskedFor(facts) ?? 0) >= FULL_CORE;

/** A loop that has hardly anything to do may wait as long as it runs (0.9, measured): only one that would fill its core says something by less. */
const isLong = (wait: number, facts: Facts): boolean => wait >= WAIT || (facts.model === 'eventloop' && wait >= WAIT_OF_LOOP && wouldFillCore(facts));

const isFelt = (facts: Facts): boolean =>
  (facts.runqueueWait ?? 0) >= SHARE * (facts.service ?? Infinity) || wouldFillCore(facts);

/** Another program has the core: runnable threads wait for it although the pod uses little CPU and nothing throttles it. @module */
export const steal: Rule = {
  name: 'STEAL',
  evidence: ({ facts }) => {
    const wait = waitPerCpuSecond(facts);
    if (wait === null || !isLong(wait, facts) || !knowsItsCores(facts) || (facts.throttled ?? 0) > THROTTLED_TIME / 2 || cpuShare(facts) >= OWN) return null;
    if (!isFelt(facts)) return null;
    return `each request is ready to run for ${ms(facts.runqueueWait ?? 0)} before it gets a core, with the CPU at ${percent(cpuShare(facts))} and nothing throttled: another program on the node has it`;
  },
  isReachable: (facts) => facts.runqueueWait !== null && knowsItsCores(facts),
  advice: () => 'raise the CPU request, so that the scheduler keeps the cores free, or move the neighbour away; threads cannot help',
};
