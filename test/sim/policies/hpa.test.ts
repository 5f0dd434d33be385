import { describe, expect, it } from '@jest/globals';
import { defaultBehaviour, HpaBehaviour } from '../../../src/sim/policies/hpa-behaviour.ts';
import { fromAverageValue, fromPods, fromValue } from '../../../src/sim/policies/hpa-metrics.ts';

const many = (count: number, value: number | null, ready = true) => Array.from({ length: count }, () => ({ value, ready }));

describe('the ratio', () => {
  it.each([
    // ceil(current · value / target)
    ['twice the target doubles', 3, many(3, 200), 100, 6],
    ['half the target halves', 4, many(4, 50), 100, 2],
    ['a fraction is rounded up', 3, many(3, 120), 100, 4],
    ['1.1 is tolerated', 10, many(10, 110), 100, 10],
    ['0.9 is tolerated', 10, many(10, 90), 100, 10],
    ['1.11 is not', 10, many(10, 111), 100, 12],
    // Not ready pods as idle on the way up: 3 · 300 over 6 pods is 150 %, 1.5 · 6 = 9 and not 3 · 3.
    ['pods that are not ready count as idle on the way up', 6, [...many(3, 300), ...many(3, null, false)], 100, 9],
    // 2 · 160 over 4 pods is 80 %: up has become down.
    ['and nothing moves when that turns the direction', 4, [...many(2, 160), ...many(2, null, false)], 100, 4],
    // 2 · 210 over 4 pods is 105 %.
    ['nor when it ends within the tolerance', 4, [...many(2, 210), ...many(2, null, false)], 100, 4],
    // Missing on the way down: (3 · 20 + 100) over 4 pods is 40 %, 0.4 · 4 = 1.6.
    ['missing pods count as at the target on the way down', 4, [...many(3, 20), ...many(1, null)], 100, 2],
    // Missing on the way up: 3 · 200 over 4 pods is 150 %, 1.5 · 4 = 6.
    ['and as idle on the way up', 4, [...many(3, 200), ...many(1, null)], 100, 6],
    ['without any value nothing moves', 4, many(4, null), 100, 4],
    // Down with pods that are not ready: they are left out, 0.5 · 4.
    ['pods that are not ready are left out on the way down', 6, [...many(4, 50), ...many(2, null, false)], 100, 2],
  ])('%s', (_name, current, pods, target, expected) => {
    expect(fromPods(current, pods, target, 0.1)).toBe(expected);
  });

  it.each([
    [4, 4, 80, 40, 8],
    [4, 3, 80, 40, 6],
    [4, 4, 42, 40, 4],
    [4, 4, 10, 40, 1],
  ])('of one value: %d pods, %d ready, %d ms against %d ms is %d', (current, ready, value, target, expected) => {
    expect(fromValue(current, ready, value, target, 0.1)).toBe(expected);
  });

  it.each([
    [2, 450, 100, 5],
    [5, 520, 100, 5],
    [5, 201, 100, 3],
    [5, 0, 100, 0],
  ])('of a sum: %d pods, %d requests/s at %d each is %d', (current, total, each, expected) => {
    expect(fromAverageValue(current, total, each, 0.1)).toBe(expected);
  });
});

describe('the default behaviour', () => {
  const bounds = { min: 1, max: 100 };
  const sizes = (from: number, wishes: readonly number[], behaviour = defaultBehaviour): number[] => {
    const hpa = new HpaBehaviour(behaviour, bounds);
    let current = from;
    return wishes.map((wish, index) => (current = hpa.apply(15 * index, current, wish)));
  };

  it('grows by four pods or to the double in 15 s, whichever is more', () => {
    expect(sizes(1, [80, 80, 80, 80, 80, 80])).toEqual([5, 10, 20, 40, 80, 80]);
  });

  it('does not grow twice in one period', () => {
    const hpa = new HpaBehaviour(defaultBehaviour, bounds);
    expect(hpa.apply(0, 10, 80)).toBe(20);
    expect(hpa.apply(5, 20, 80)).toBe(20);
    expect(hpa.apply(15, 20, 80)).toBe(40);
  });

  it('shrinks to the largest recommendation of 300 s, and then at once', () => {
    const answers = sizes(10, [10, ...Array.from({ length: 10 }, () => 2), 6, ...Array.from({ length: 9 }, () => 2)]);
    // The recommendation of 10 at 0 s holds up to 285 s; then the 6 from 165 s counts.
    expect(answers.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 10));
    expect(answers[20]).toBe(6);
  });

  it('counts what it finds at its start as a recommendation', () => {
    expect(sizes(10, [1, 1, 1])).toEqual([10, 10, 10]);
  });

  it('removes ten percent, rounded up, a minute where that is the policy', () => {
    const slow = { ...defaultBehaviour, down: { stabilizationSeconds: 0, policies: [{ kind: 'percent' as const, value: 10, periodSeconds: 60 }, { kind: 'pods' as const, value: 4, periodSeconds: 60 }] } };
    const hpa = new HpaBehaviour(slow, bounds);
    let current = 80;
    const answers = [0, 60, 120, 180].map((at) => (current = hpa.apply(at, current, 10)));
    // 10 % of 80 is 8, of 72 it is 7.2 and counts as 8, of 64 6.4 as 7, of 57 5.7 as 6.
    expect(answers).toEqual([72, 64, 57, 51]);
    current = 20;
    const few = new HpaBehaviour(slow, bounds);
    expect([0, 60].map((at) => (current = few.apply(at, current, 1)))).toEqual([16, 12]);
  });

  it('keeps the bounds', () => {
    expect(sizes(90, [400, 400])).toEqual([100, 100]);
    expect(new HpaBehaviour({ ...defaultBehaviour, down: { ...defaultBehaviour.down, stabilizationSeconds: 0 } }, { min: 3, max: 9 }).apply(0, 5, 0)).toBe(3);
  });

  it('takes the least recommendation of an up window', () => {
    const careful = { ...defaultBehaviour, up: { ...defaultBehaviour.up, stabilizationSeconds: 60 } };
    expect(sizes(4, [8, 8, 8, 8, 8], careful)).toEqual([4, 4, 4, 4, 8]);
  });
});
