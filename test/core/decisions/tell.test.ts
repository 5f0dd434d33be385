import { describe, expect, it } from '@jest/globals';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import type { Recommendation } from '../../../src/core/autoscale/types.ts';
import type { Evaluation } from '../../../src/core/decisions/record.ts';
import { tell } from '../../../src/core/decisions/tell.ts';
import type { Told } from '../../../src/core/decisions/tell.ts';
import { fleet, input, pods, start } from '../autoscale/support/fleet.ts';

const current = { replicas: 2, threads: 8, processes: 1 };
const given = input(fleet(current, pods(2, { rate: 50 })));
const calm: Recommendation = { ...recommend(given), scale: current, class: 'OK', reason: 'Steady', guard: null, boundBy: null };
const at = (seconds: number, part: Partial<Recommendation> = {}): Evaluation => ({
  object: { namespace: 'shop', name: 'ranking', uid: 'u1' },
  input: { ...given, now: start + 1000 * seconds },
  output: { ...calm, ...part },
});
const more = { scale: { ...current, replicas: 3 }, reason: 'CapacityShort' };

/** Which of some evaluations are told, by index. */
const toldOf = (evaluations: Evaluation[]): number[] => {
  let told: Told | undefined;
  return evaluations.flatMap((evaluation, index) => {
    const result = tell(told, evaluation);
    ({ told } = result);
    return result.line === null ? [] : [index];
  });
};

describe('what the log is told', () => {
  it.each<[string, Evaluation[], number[]]>([
    ['nothing of a calm fleet', [at(0), at(5), at(100)], []],
    ['a move', [at(0), at(5, more), at(10)], [1]],
    ['a change of class', [at(0), at(5, { class: 'CPU' }), at(10, { class: 'CPU' }), at(15)], [1, 3]],
    ['a move that a guard refuses', [at(0), at(5, { guard: 'PodsBlocked', boundBy: 'quota' })], [1]],
    ['pods that would not help', [at(0), at(5, { reason: 'PodsCannotHelp' })], [1]],
    ['the same refusal once a minute', [0, 5, 30, 59, 60, 65, 119, 120].map((second) => at(second, { guard: 'Bounds', boundBy: 'max' })), [0, 4, 7]],
    ['another refusal at once', [at(0, { guard: 'Bounds' }), at(5, { guard: 'ScaleUpRate' })], [0, 1]],
    ['a refusal that comes back', [at(0, { guard: 'Bounds' }), at(5), at(10, { guard: 'Bounds' })], [0, 2]],
    ['a wish that nobody carries out once a minute', [0, 5, 10, 62].map((second) => at(second, more)), [0, 3]],
  ])('%s', (_name, evaluations, indexes) => {
    expect(toldOf(evaluations)).toEqual(indexes);
  });

  it('says all but the windows and the memory', () => {
    const first = tell(undefined, at(0));
    const second = tell(first.told, at(5));
    const { line } = tell(second.told, at(10, { ...more, class: 'CPU', guard: 'ScaleUpRate' }));
    expect(line).toMatchObject({ object: 'shop/ranking', uid: 'u1', from: current, to: more.scale, class: 'CPU', classBefore: 'OK', guard: 'ScaleUpRate', measured: { pods: 2, reporting: 2, coverage: 1 }, evaluationsSinceLastLine: 1 });
    expect(JSON.stringify(line).length).toBeLessThan(2000);
    expect(line).not.toHaveProperty('memory');
    expect(line).not.toHaveProperty('windows');
  });
});
