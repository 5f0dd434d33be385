/**
 * Ages, JSONPath, selectors, quantities and patches, without a server.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { assert, jsonValue, property } from 'fast-check';
import { mergePatch } from '../../../src/local/apiserver/patch/merge-patch.ts';
import { parseQuantity } from '../../../src/local/apiserver/schema/quantity.ts';
import { labelMatcher } from '../../../src/local/apiserver/storage/selectors.ts';
import { ageOf, showDuration } from '../../../src/local/apiserver/table/age.ts';
import { compileJsonPath } from '../../../src/local/apiserver/table/json-path.ts';

const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
const days = 24 * hours;

describe('ages', () => {
  it.each([
    [0, '0s'],
    [90 * seconds, '90s'],
    [2 * minutes + 3 * seconds, '2m3s'],
    [12 * minutes + 3 * seconds, '12m'],
    [3 * hours + 20 * minutes, '3h20m'],
    [9 * hours + 20 * minutes, '9h'],
    [2 * days + 5 * hours, '2d5h'],
    [30 * days, '30d'],
    [3 * 365 * days, '3y'],
  ])('%i ms reads %s', (ms, text) => expect(showDuration(ms)).toBe(text));

  it('says so when there is no time', () => expect(ageOf(undefined, 0)).toBe('<unknown>'));
});

describe('JSONPath', () => {
  const object = { status: { conditions: [{ type: 'A', status: 'no' }, { type: 'Ready', status: 'yes' }], list: [{ x: 1 }] }, 'a.b': { c: 2 } };
  it.each([
    ['.status.conditions[?(@.type=="Ready")].status', 'yes'],
    ['.status.list[0].x', 1],
    ['.status.list[5].x', undefined],
    ['.status.none.x', undefined],
    [".['a.b'].c", undefined],
    ['.a\\.b.c', 2],
  ])('%s', (path, expected) => {
    if (path.startsWith('.[')) expect(() => compileJsonPath(path)).toThrow(/does not understand the JSONPath/u);
    else expect(compileJsonPath(path)(object)).toEqual(expected);
  });
});

describe('label selectors', () => {
  const labelled = (labels: Record<string, string>) => ({ metadata: { labels } });
  it.each([
    ['a', true],
    ['!a', false],
    ['a=1', true],
    ['a!=1', false],
    ['b!=1', true],
    ['a in (1, 2)', true],
    ['a notin (1,2)', false],
    ['b notin (1)', true],
    ['a=1,b', false],
    ['', true],
  ])('%s on {a: 1} is %s', (selector, expected) => expect(labelMatcher(selector)(labelled({ a: '1' }))).toBe(expected));
});

describe('quantities', () => {
  it.each([
    ['500m', 0.5],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['2k', 2000],
    ['1e3', 1000],
    ['1E', 1e18],
    ['', undefined],
    ['1 Gi', undefined],
    ['Gi', undefined],
  ])('%s is %s', (text, value) => expect(parseQuantity(text)).toBe(value));
});

describe('merge patch', () => {
  const json = jsonValue({ maxDepth: 3 });
  it('does the same when done twice', () => {
    assert(
      property(json, json, (value, patch) => {
        const once = mergePatch(value, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});
