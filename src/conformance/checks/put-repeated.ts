import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import { describe } from '../http.ts';
import { otherObjective } from './put-refusal.ts';

/** An answer may get lost on its way, and the operator asks again. @module */
export const putRepeated: Check = {
  name: 'put-repeated',
  title: 'PUT /pool repeated with the same generation and body answers 200 with the same state',
  section: 'GET /pool, PUT /pool',
  run: async ({ subject }) => {
    const before = await subject.state();
    const change = { generation: before.generation + 1, objectiveMs: otherObjective(before) };
    const first = await subject.putChange(change);
    const again = await subject.putChange(change);
    const partial = await subject.putChange({ generation: change.generation });
    await subject.change({ objectiveMs: before.objectiveMs });
    const problems: Problem[] = [];
    if (first.status !== 200) problems.push({ expected: `PUT /pool ${JSON.stringify(change)} answers 200`, seen: describe(first) });
    if (again.status !== 200) problems.push({ expected: 'the same request once more answers 200', seen: describe(again) });
    if (again.status === 200 && again.text !== first.text) problems.push({ expected: `the repeated request answers the same state, ${first.text}`, seen: again.text });
    if (partial.status !== 200) problems.push({ expected: 'the same generation with nothing else answers 200: what is missing stays', seen: describe(partial) });
    return passUnless(problems, `generation ${change.generation} three times`);
  },
};
