import { describe, expect, it } from '@jest/globals';
import { endingOf } from '../../../src/worker/primary/ending.ts';

describe('the end of a pod', () => {
  it.each([
    ['the defaults', 5000, 30_000, { drainMs: 5000, killMs: 29_000 }],
    ['no drain', 0, 30_000, { drainMs: 0, killMs: 29_000 }],
    ['a grace period no longer than the drain', 5000, 5000, { drainMs: 2000, killMs: 4000 }],
    ['a short one', 5000, 3000, { drainMs: 1125, killMs: 2250 }],
    ['the shortest one', 5000, 1000, { drainMs: 375, killMs: 750 }],
  ])('leaves time to finish what was accepted: %s', (_name, drainGraceMs, terminationGraceMs, ending) => {
    expect(endingOf(drainGraceMs, terminationGraceMs)).toEqual(ending);
  });
});
