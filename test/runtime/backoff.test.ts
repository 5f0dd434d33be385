import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { equalJitterMs, exponentialMs, fullJitterMs } from '../../src/runtime/backoff.ts';
import { formatKey, parseKey } from '../../src/runtime/keys.ts';
import { isOlderVersion } from '../../src/runtime/resource-version.ts';

describe('backoff', () => {
  it('stays finite and within its bounds after any number of failures', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1_000, max: 100_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, baseMs, maxMs, random) => {
        const options = { baseMs, maxMs };
        const ceiling = exponentialMs(options, failures);
        expect(ceiling >= baseMs && ceiling <= maxMs).toBe(true);
        expect(exponentialMs(options, failures + 1)).toBeGreaterThanOrEqual(ceiling);
        const full = fullJitterMs(options, failures, () => random);
        const equal = equalJitterMs(options, failures, () => random);
        expect(full >= 0 && full <= ceiling && equal >= ceiling / 2 && equal <= ceiling).toBe(true);
      }),
    );
  });
});

describe('keys', () => {
  it.each([
    [{ namespace: 'ns', name: 'a' }, 'ns/a'],
    [{ name: 'node-1' }, 'node-1'],
  ])('%p is %s and back', (key, text) => {
    expect(formatKey(key)).toBe(text);
    expect(parseKey(text)).toEqual(key);
  });
});

describe('isOlderVersion', () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['7', '7', false],
    ['99999999999999999998', '99999999999999999999', true],
    ['', '5', false],
    ['abc', '5', false],
  ])('%s before %s: %p', (candidate, reference, older) => expect(isOlderVersion(candidate, reference)).toBe(older));
});
