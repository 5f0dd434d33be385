import { podsWith, fewerPods } from './outlook.ts';
import type { Facts } from '../measure.ts';
import type { Rule } from './rule.ts';
import { FULL_CORE, THROTTLED_TIME } from './signals.ts';
import { percent } from './words.ts';

/** Time lost by a pod with more processes than cores in its limit, which it uses up: a larger limit would be used at once. */
const SOME_TIME = 0.025;

const isShortOfLimit = ({ throttled: share, limitShare, processes, coreLimit }: Facts): boolean =>
  (share ?? 0) > SOME_TIME && (limitShare ?? 0) >= FULL_CORE && (processes ?? 1) > (coreLimit ?? Infinity);

/** Throttled *time*: at a limit of one core most periods count as throttled while hardly any time is lost (measured). @module */
export const throttled: Rule = {
  name: 'THROTTLED',
  evidence: ({ facts }) =>
    (facts.throttled ?? 0) > THROTTLED_TIME || isShortOfLimit(facts) ? `the kernel keeps pods from running ${percent(facts.throttled ?? 0)} of the time: the CPU limit is used up` : null,
  isReachable: ({ throttled: share }) => share !== null,
  advice: (situation) => {
    const { model } = situation;
    if (model?.coreLimit == null) return 'raise or drop the CPU limit';
    const twice = podsWith(situation, { ...model, coreLimit: 2 * model.coreLimit });
    return `raise or drop the CPU limit${fewerPods(situation, twice, `a limit of ${2 * model.coreLimit}`)}`;
  },
};
