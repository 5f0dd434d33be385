import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { editDistance, suggest } from '../../src/cli/suggest.ts';

const commands = ['local', 'operator', 'worker', 'load-features'];

describe('suggest', () => {
  it.each([
    ['lcoal', 'local'],
    ['operatr', 'operator'],
    ['wroker', 'worker'],
    ['load-feature', 'load-features'],
    ['kubernetes', undefined],
    ['', undefined],
  ])('%s → %s', (word, expected) => {
    expect(suggest(word, commands)).toBe(expected);
  });
});

describe('editDistance', () => {
  it('is a metric', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});
