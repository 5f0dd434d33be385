import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { durationMs, durationSchema, durationText, parseDuration } from '../../src/api/duration.ts';

describe('durations', () => {
  it.each([
    ['30ms', 30], ['1.5s', 1500], ['5m', 300_000], ['1h30m', 5_400_000], ['250us', 0.25], ['250µs', 0.25], ['0s', 0], ['100ns', 1e-4],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
    expect(durationMs(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '30', 'ms', '-1s', '+1s', '1 s', '1S', '1d', '.5s', '1.s', '1e3s', '1s ', '1234567ms', '1s2', '1s1s1s1s1s1s1s1s1s', '٣s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(() => durationMs(text)).toThrow(/write it like 30ms/);
    expect(durationSchema.safeParse(text).success).toBe(false);
  });

  it('accepts whatever it prints in milliseconds, and never throws', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999_999 }), (ms) => expect(parseDuration(`${ms}ms`)).toBe(ms)));
    fc.assert(fc.property(fc.string(), (text) => { parseDuration(text); }));
  });

  it.each([[1000 * (63.7 / 1000), '63.7ms'], [1000 * (1001 / 1000), '1001ms'], [0, '0ms'], [1e-6, '0.000001ms'], [999_999.999_999, '999999.999999ms'], [999_999.999_999_9, '1000s'], [86_400_000, '86400s'], [1_000_000 / 3 * 10, '3333.333333s']])('%d ms is written as %s', (ms, text) => expect(durationText(ms)).toBe(text));

  it('is written so that the schema accepts it, and stays what it was', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 86_400_000, noNaN: true }), (ms) => {
      expect(durationSchema.safeParse(durationText(ms)).success).toBe(true);
      expect(Math.abs(durationMs(durationText(ms)) - ms)).toBeLessThanOrEqual(ms < 1e6 ? 1e-6 : 1e-3);
    }));
  });
});
