import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { featureField, murmur3, timestampField } from '../../../../src/worker/store/redis/field-hash.ts';
import { keySlot } from '../../../../src/worker/store/redis/key-slot.ts';
import { readLayout } from '../../../../src/worker/store/redis/cluster-layout.ts';
import { timestampJson } from '../../../../src/worker/store/redis/stored-timestamp.ts';
import { valueToJson } from '../../../../src/worker/feast/value.ts';

const recorded = z
  .object({
    ops: z.array(z.object({ op: z.string(), fields: z.array(z.union([z.string(), z.object({ field_hex: z.string(), value_hex: z.string() })])).default([]) })),
    field_hash_hex: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../fixtures/feast/redis.json', import.meta.url), 'utf8')));

const written = new Map(recorded.ops.flatMap(({ fields }) => fields.flatMap((field) => (typeof field === 'string' ? [] : [[field.field_hex, field.value_hex] as const]))));

describe("Feast's layout in Redis", () => {
  it.each(Object.entries(recorded.field_hash_hex))('the field of %s is %s', (name, hex) => {
    const [view = '', feature = ''] = name.includes(':') ? name.split(':') : ['driver_hourly_stats', name];
    expect(featureField(view, feature).toString('hex')).toBe(hex);
  });

  it('names the field of the event time', () => {
    expect(written.has(timestampField('driver_hourly_stats').toString('hex'))).toBe(true);
  });

  it.each([
    ['conv_rate', '0.5'],
    ['acc_rate', '0.1'],
    ['avg_daily_trips', '100'],
    ['name', '"a"'],
    ['active', 'true'],
    ['emb', '[1.0,2.0]'],
    ['i32', '1'],
    ['cust_driver:trips', '7'],
  ])('what Feast wrote for %s reads as %s', (name, json) => {
    const value = written.get(recorded.field_hash_hex[name] ?? '');
    expect(valueToJson(Buffer.from(value ?? 'ff', 'hex'))).toBe(json);
  });

  // Vectors of MurmurHash3's reference implementation, tails of 0 to 3 bytes.
  it.each([['', 0], ['a', 0x3c2569b2], ['ab', 0x9bbfd75f], ['abc', 0xb3dd93fa], ['abcd', 0x43ed676a], ['Hello, world!', 0xc0363e43]])('murmur3 of %j', (text, hash) => {
    expect(murmur3(Buffer.from(text))).toBe(hash);
  });

  it.each([
    ['08c0bfb7d306', '"2026-08-01T12:00:00Z"'],
    ['08c0bfb7d3061080cab5ee01', '"2026-08-01T12:00:00.500Z"'],
    ['08c0bfb7d30610e807', '"2026-08-01T12:00:00.000001Z"'],
    ['', '"1970-01-01T00:00:00Z"'],
  ])('the event time %s reads as %s', (hex, json) => {
    const bytes = Buffer.from(`ff${hex}ff`, 'hex');
    expect(timestampJson(bytes, 1, bytes.length - 1)).toBe(json);
  });
});

describe('slots of a cluster', () => {
  // `CLUSTER KEYSLOT` of Redis 7.
  it.each([['', 0], ['123456789', 12739], ['foo', 12182], ['{user1000}.following', 3443], ['{user1000}.followers', 3443], ['foo{}{bar}', 8363], ['foo{{bar}}zap', 4015]])('%j is in slot %i', (key, slot) => {
    expect(keySlot(Buffer.from(key))).toBe(slot);
  });

  it('belong to the masters that a node names; one that does not know its address is the one that was asked', () => {
    const answer = [[0, 8191, ['', 7000, 'id', []], ['10.0.0.9', 7003, 'id']], [8192, 16_383, ['10.0.0.2', 7001, 'id']]];
    const { masters, owner } = readLayout(answer, { host: '10.0.0.1', port: 7000 });
    expect(masters).toEqual([{ host: '10.0.0.1', port: 7000 }, { host: '10.0.0.2', port: 7001 }]);
    expect([owner[0], owner[8191], owner[8192], owner[16_383]]).toEqual([0, 0, 1, 1]);
  });

  it.each([[[]], [null], ['x'], [[[0, 1]]], [[['a', 1, ['h', 1]]]]])('are not known from %j', (answer) => {
    expect(() => readLayout(answer, { host: 'h', port: 1 })).toThrow();
  });
});
