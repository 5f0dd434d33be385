import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { decodeJoinKeys, encodeKeyNames, encodeKeyValue, keyType } from '../../../src/worker/feast/entity-key.ts';
import { Refusal } from '../../../src/worker/feast/refusal.ts';

const recorded = readFileSync(new URL('../../fixtures/feast/redis.json', import.meta.url), 'utf8');
const project = Buffer.from('golden').toString('hex');

describe('entity keys', () => {
  it('equal those that Feast wrote', () => {
    const driver = Buffer.concat([encodeKeyNames(['driver_id']), encodeKeyValue(1001, keyType.int64).encoded]);
    const names = encodeKeyNames(['customer_id', 'driver_id']);
    const both = Buffer.concat([names, encodeKeyValue('c1', keyType.string).encoded, encodeKeyValue(1001, keyType.int64).encoded]);
    for (const key of [driver, both]) expect(recorded).toContain(`"${key.toString('hex')}${project}"`);
  });

  it('give their join keys back', () => {
    const key = Buffer.concat([encodeKeyNames(['a', 'ü']), encodeKeyValue('x', keyType.string).encoded, encodeKeyValue(5, keyType.int32).encoded]);
    expect(decodeJoinKeys(key)).toEqual([{ name: 'a', type: keyType.string }, { name: 'ü', type: keyType.int32 }]);
  });

  it('are refused when they are cut, and never read past the end', () => {
    const key = Buffer.concat([encodeKeyNames(['driver_id']), encodeKeyValue(1001, keyType.int64).encoded]);
    for (let length = 0; length < key.length; length++) expect(decodeJoinKeys(key.subarray(0, length))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodeJoinKeys(Buffer.from(bytes))));
  });

  it.each<[unknown, number, string]>([
    [7.9, keyType.int64, '7'],
    [-7.9, keyType.int64, '-7'],
    [' 1_000 ', keyType.int64, '1000'],
    ['+5', keyType.int32, '5'],
    [true, keyType.int64, '1'],
    [9007199254740993n, keyType.int64, '9007199254740993'],
    [7, keyType.string, '"7"'],
    [true, keyType.string, '"True"'],
    [1_785_585_600, keyType.timestamp, '1785585600'],
  ])('%p as type %i is echoed as %s', (value, type, json) => {
    expect(encodeKeyValue(value, type).json).toBe(json);
  });

  it.each<[unknown, number, RegExp]>([
    ['abc', keyType.int64, /invalid literal for int\(\) with base 10: 'abc'/],
    [null, keyType.int64, /NoneType/],
    [[1], keyType.int64, /not 'list'/],
    [{}, keyType.int64, /not 'dict'/],
    [2n ** 63n, keyType.int64, /out of range/],
    [2 ** 31, keyType.int32, /out of range/],
  ])('%p as type %i is refused', (value, type, message) => {
    expect(() => encodeKeyValue(value, type)).toThrow(Refusal);
    expect(() => encodeKeyValue(value, type)).toThrow(message);
  });
});
