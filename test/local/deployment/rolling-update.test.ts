import * as fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { nextSizes, resolveFence } from '../../../src/local/deployment/rolling-update.ts';
import type { SetSize } from '../../../src/local/deployment/rolling-update.ts';
import { availableInMs, chooseVictims } from '../../../src/local/deployment/pod-choice.ts';
import { podSchema } from '../../../src/local/deployment/schema.ts';
import type { Pod } from '../../../src/local/deployment/schema.ts';
import { templateHash } from '../../../src/local/deployment/template-hash.ts';

const set = (name: string, replicas: number, available = replicas): SetSize => ({ name, replicas, available });
const step = (replicas: number, current: SetSize, old: SetSize[], fence: { maxSurge: number; maxUnavailable: number }, strategy: 'RollingUpdate' | 'Recreate' = 'RollingUpdate') =>
  Object.fromEntries(nextSizes({ replicas, current, old, strategy, ...fence }));

describe('nextSizes', () => {
  it.each([
    { title: 'no other set: all at once', replicas: 3, current: set('new', 0), old: [], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 3 } },
    { title: 'scaled down', replicas: 2, current: set('new', 5), old: [], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 2 } },
    { title: 'surge first', replicas: 4, current: set('new', 0), old: [set('old', 4)], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 1, old: 4 } },
    { title: 'wait for the surge pod', replicas: 4, current: set('new', 1, 0), old: [set('old', 4)], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 1, old: 4 } },
    { title: 'then let one old go', replicas: 4, current: set('new', 1, 1), old: [set('old', 4)], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 1, old: 3 } },
    { title: 'room made by unavailability', replicas: 4, current: set('new', 0), old: [set('old', 4)], fence: { maxSurge: 0, maxUnavailable: 1 }, expected: { new: 0, old: 3 } },
    { title: 'broken old pods go first', replicas: 4, current: set('new', 1, 1), old: [set('old', 4, 3)], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 1, old: 3 } },
    { title: 'a broken new template takes nothing away', replicas: 2, current: set('new', 1, 0), old: [set('old', 2)], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 1, old: 2 } },
    { title: 'the last step', replicas: 2, current: set('new', 2, 2), old: [set('old', 1)], fence: { maxSurge: 1, maxUnavailable: 0 }, expected: { new: 2, old: 0 } },
  ])('$title', ({ replicas, current, old, fence, expected }) => {
    expect(step(replicas, current, old, fence)).toEqual(expected);
  });

  it('recreates: all old first, then all new', () => {
    expect(step(3, set('new', 0), [set('old', 3)], { maxSurge: 1, maxUnavailable: 0 }, 'Recreate')).toEqual({ new: 0, old: 0 });
    expect(step(3, set('new', 0), [set('old', 0)], { maxSurge: 1, maxUnavailable: 0 }, 'Recreate')).toEqual({ new: 3, old: 0 });
  });

  it('never leaves the fence, and always arrives', () => {
    const fence = fc.record({ maxSurge: fc.integer({ min: 0, max: 5 }), maxUnavailable: fc.integer({ min: 0, max: 5 }) }).filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fence, fc.integer({ min: 1, max: 3 }), (replicas, limits, lag) => {
        let [fresh, old] = [0, replicas];
        // New pods become available `lag` steps after they were asked for.
        const asked: number[] = [];
        for (let index = 0; index < 200 && (fresh < replicas || old > 0); index++) {
          const available = Math.min(fresh, asked.at(-lag) ?? 0);
          const fenced = available + old >= replicas - limits.maxUnavailable;
          const sizes = step(replicas, set('new', fresh, available), [set('old', old)], limits);
          [fresh, old] = [Number(sizes['new']), Number(sizes['old'])];
          expect(fresh + old).toBeLessThanOrEqual(replicas + limits.maxSurge);
          expect(!fenced || available + old >= replicas - limits.maxUnavailable).toBe(true);
          asked.push(fresh);
        }
        expect([fresh, old]).toEqual([replicas, 0]);
      }),
    );
  });
});

describe('resolveFence', () => {
  it.each([
    [10, '25%', '25%', { maxSurge: 3, maxUnavailable: 2 }],
    [1, '25%', 0, { maxSurge: 1, maxUnavailable: 0 }],
    [4, 0, 0, { maxSurge: 0, maxUnavailable: 1 }],
    [3, 2, '0%', { maxSurge: 2, maxUnavailable: 0 }],
    [3, 'many', 'few', { maxSurge: 0, maxUnavailable: 1 }],
  ])('of %d pods with surge %s and unavailability %s', (total, surge, unavailable, expected) => {
    expect(resolveFence(total, surge, unavailable)).toEqual(expected);
  });
});

const pod = (name: string, ready: 'True' | 'False', created: string, phase = 'Running'): Pod =>
  podSchema.parse({
    metadata: { name, namespace: 'n', uid: name, creationTimestamp: created },
    status: { phase, conditions: [{ type: 'Ready', status: ready, lastTransitionTime: '2026-01-01T00:00:10Z' }] },
  });

describe('chooseVictims', () => {
  it('takes what does not run, then what is not ready, then the youngest', () => {
    const pods = [pod('old', 'True', '2026-01-01T00:00:00Z'), pod('young', 'True', '2026-01-01T00:01:00Z'), pod('unready', 'False', '2026-01-01T00:00:00Z'), pod('pending', 'False', '2026-01-01T00:00:00Z', 'Pending')];
    expect(chooseVictims(pods, 3).map(({ metadata }) => metadata.name)).toEqual(['pending', 'unready', 'young']);
    expect(chooseVictims(pods, -1)).toEqual([]);
  });
});

describe('availableInMs', () => {
  it.each([
    ['not ready', 'False', 5, undefined],
    ['ready without a minimum', 'True', 0, 0],
    ['ready for less than the minimum', 'True', 30, 20_000],
    ['ready for longer', 'True', 5, 0],
  ] as const)('%s', (_, ready, minimum, expected) => {
    expect(availableInMs(pod('a', ready, ''), minimum, Date.parse('2026-01-01T00:00:20Z'))).toBe(expected);
  });
});

describe('templateHash', () => {
  it('depends on content, not on order', () => {
    const one = templateHash({ metadata: { labels: { a: '1', b: '2' }, annotations: {} }, spec: { x: 1, y: [1, 2] } });
    expect(templateHash({ spec: { y: [1, 2], x: 1 }, metadata: { annotations: {}, labels: { b: '2', a: '1' } } })).toBe(one);
    expect(templateHash({ metadata: { labels: { a: '1', b: '2' }, annotations: {} }, spec: { x: 1, y: [2, 1] } })).not.toBe(one);
    expect(one).toMatch(/^[a-z0-9]{10}$/u);
  });
});
