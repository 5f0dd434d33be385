import { describe, expect, it } from '@jest/globals';
import { conditionOrder, conditionTypes } from '../../src/api/conditions.ts';
import { reasons, reasonsByCondition, stalledReasons } from '../../src/api/reasons.ts';

describe('reasons', () => {
  it('are what Kubernetes accepts as a reason, each with one name', () => {
    const all = Object.values(reasons);
    for (const reason of all) expect(reason).toMatch(/^[A-Z][A-Za-z0-9]*$/);
    expect(new Set(all).size).toBe(all.length);
  });

  it('each belong to a condition, and each condition has some', () => {
    const used = new Set(Object.values(reasonsByCondition).flat());
    expect(Object.values(reasons).filter((reason) => !used.has(reason))).toEqual([]);
    expect(Object.keys(reasonsByCondition).toSorted()).toEqual(Object.values(conditionTypes).toSorted());
    expect(conditionOrder).toHaveLength(7);
  });

  it('for Stalled can be told beside Ready as well', () => {
    expect(reasonsByCondition.Ready).toEqual(expect.arrayContaining([...stalledReasons]));
  });
});
