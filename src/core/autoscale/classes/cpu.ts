import { fewerPods, podsWith } from './outlook.ts';
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
  advice: (situation) => {
    const { model, current } = situation;
    if (model?.coreLimit == null) return '';
    // Twice the limit is used only by what is not bound to one core, or by twice the processes.
    const processes = model.singleCore ? 2 * current.processes : current.processes;
    const brings = fewerPods(situation, podsWith(situation, { ...model, coreLimit: 2 * model.coreLimit }, processes), model.singleCore ? 'twice the limit and processes' : 'twice the limit');
    return `pods bring more CPU, and so does a higher limit${brings}; less work in a request lowers both`;
  },
};
