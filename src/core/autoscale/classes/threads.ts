import { significant } from '../numbers.ts';
import { isPoolFull, isPoolFullNow } from '../full-pool.ts';
import type { Rule } from './rule.ts';
import { IDLE_CPU, cpuShare, hasCpuLeft } from './signals.ts';
import { percent } from './words.ts';

/** Over the window or at this moment: an overload that begins has hardly moved the mean of a window when its queue already stands. @module */
export const threads: Rule = {
  name: 'THREADS',
  evidence: ({ facts }) => {
    if (!(cpuShare(facts) < IDLE_CPU || hasCpuLeft(facts)) || !(isPoolFullNow(facts) || isPoolFull(facts))) return null;
    const waiting = facts.backlog > 0 ? `${facts.backlog} requests wait` : 'requests wait';
    return `${significant(Math.max(facts.busySlots, facts.busySlotsNow), 3)} of ${facts.slots} slots are busy and ${waiting} for one, while the CPU is at ${percent(cpuShare(facts))}`;
  },
  isReachable: () => true,
  advice: ({ current, spec }) => (current.threads >= spec.threads.max ? 'raise pool.threads.max: the pool is as large as it may be' : ''),
};
