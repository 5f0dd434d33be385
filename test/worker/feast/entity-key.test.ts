import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { encodeKeyNames, encodeKeyValue, keyType } from '../../../src/worker/feast/entity-key.ts';
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
    [[1], keyType.int64, /NoneType/],
    [{}, keyType.int64, /NoneType/],
    ['\ud800', keyType.string, /can't encode character .*ud800' in position 0/],
    ['x', keyType.bytes, /Type `<class 'str'>` not in/],
    [2n ** 63n, keyType.int64, /out of range/],
    [2 ** 31, keyType.int32, /out of range/],
  ])('%p as type %i is refused', (value, type, message) => {
    expect(() => encodeKeyValue(value, type)).toThrow(Refusal);
    expect(() => encodeKeyValue(value, type)).toThrow(message);
  });
});
