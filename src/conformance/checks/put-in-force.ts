import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { NotChecked, passUnless } from '../check.ts';
import type { Subject } from '../subject.ts';
import { changeTo, knobsLive, otherSizes } from '../sizes.ts';
import type { Sizes } from '../sizes.ts';

/** 200 means: in force, and nobody has to ask again whether it is. @module */
export const putInForce: Check = {
  name: 'put-in-force',
  title: 'PUT /pool answers 200 with the new state once the size is in force, up and down',
  section: 'GET /pool, PUT /pool',
  run: async ({ subject }) => {
    const initial = await subject.state();
    if (knobsLive(initial).length === 0) throw new NotChecked('this server says that neither threads nor processes are live');
    const problems: Problem[] = [];
    const steps = otherSizes(initial);
    for (const sizes of steps) problems.push(...(await problemsOf(subject, sizes)));
    return passUnless(problems, steps.map((sizes) => `${sizes.processes} x ${sizes.threads}`).join(', '));
  },
};

const problemsOf = async (subject: Subject, sizes: Sizes): Promise<Problem[]> => {
  const initial = await subject.state();
  const wanted = changeTo(initial, sizes);
  const state = await subject.change(wanted);
  const [page, after] = [await subject.scrape(), await subject.state()];
  const problems: Problem[] = [];
  const expectation = `after PUT /pool ${JSON.stringify(wanted)} was answered with 200,`;
  for (const knob of ['threads', 'processes'] as const) {
    if (state[knob] !== sizes[knob]) problems.push({ expected: `${expectation} the answer has "${knob}":${sizes[knob]}`, seen: String(state[knob]) });
    if (after[knob] !== sizes[knob]) problems.push({ expected: `${expectation} GET /pool has "${knob}":${sizes[knob]}`, seen: String(after[knob]) });
    const shown = page.value(poolMetrics[knob]);
    if (shown !== sizes[knob]) problems.push({ expected: `${expectation} ${poolMetrics[knob]} is ${sizes[knob]} on the next scrape`, seen: String(shown) });
  }
  const shown = page.value(poolMetrics.generation);
  if (shown !== state.generation || state.generation !== initial.generation + 1) problems.push({ expected: `${expectation} the generation is ${initial.generation + 1} in the answer and on the page`, seen: `${state.generation} and ${shown}` });
  return problems;
};
