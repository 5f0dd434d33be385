import { lockIsFull } from '../inner-wait.ts';
import type { Rule } from './rule.ts';
import { LARGE_SHARE, hasCpuLeft, hasIdleCpu } from './signals.ts';
import { ms, percent } from './words.ts';

/** Requests wait for a lock or a pool of connections inside the pod: declared, or seen by what more threads did not bring. @module */
export const lock: Rule = {
  name: 'LOCK',
  evidence: (seen) => {
    const { facts } = seen;
    if (!hasCpuLeft(facts)) return null;
    const { lockWait, service } = facts;
    if (hasIdleCpu(facts) && lockWait !== null && service !== null && lockWait > LARGE_SHARE * service) {
      return `requests wait ${ms(lockWait)} of ${ms(service)} for locks or pools that the application declares, while the CPU is at ${percent(facts.processCores ?? 0)} of a core`;
    }
    return lockIsFull(seen);
  },
  isReachable: ({ service }) => service !== null,
  advice: () => 'look for a connection pool that is too small, or a lock that is held across a wait; more threads only wait for it',
};
