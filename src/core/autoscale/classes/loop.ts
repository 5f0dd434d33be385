import { fewerPods, podsWith } from './outlook.ts';
import type { Rule } from './rule.ts';
import { FULL_CORE, gilIsContended, loopKeepsUp } from './signals.ts';
import { cores, ms } from './words.ts';

/** An event loop's process uses its core up and lags. @module */
export const loop: Rule = {
  name: 'LOOP',
  evidence: ({ facts }) => {
    const { processCores, loopLag } = facts;
    if (facts.model !== 'eventloop' || processCores === null || processCores < FULL_CORE || gilIsContended(facts)) return null;
    if (loopKeepsUp(facts)) return null;
    const lag = loopLag === null ? '' : `, its loop lags by ${ms(loopLag)}`;
    return `the busiest process uses ${cores(processCores)}${lag}: one event loop has no more to give`;
  },
  isReachable: ({ model }) => model === 'eventloop',
  advice: (situation) => {
    const { current, spec, model } = situation;
    const brings = model === null ? '' : fewerPods(situation, podsWith(situation, { ...model, coreLimit: null }, current.processes + 1), 'one more process');
    const more = current.processes >= spec.processes.max ? `, or allow more processes (pool.processes.max) and cores for them${brings}` : '';
    return `take blocking work off the event loop${more}`;
  },
};
