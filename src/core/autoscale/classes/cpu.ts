import type { Rule } from './rule.ts';
import { FULL_CORE } from './signals.ts';
import { percent } from './words.ts';

/**
 * The cores of the limit are used up. Before GIL and LOOP: no core is idle that another process, or an interpreter without a lock, could use, so
 * that the limit is what another pod brings more of. @module
 */
export const cpu: Rule = {
  name: 'CPU',
  evidence: ({ facts }) => ((facts.limitShare ?? 0) >= FULL_CORE ? `pods use ${percent(facts.limitShare ?? 0)} of their CPU limit` : null),
  isReachable: ({ coreLimit }) => coreLimit !== null,
};
