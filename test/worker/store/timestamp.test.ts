import { describe, expect, it } from '@jest/globals';
import { epoch, toRfc3339 } from '../../../src/worker/store/timestamp.ts';

describe('event timestamps', () => {
  it.each<[unknown, string]>([
    ['2026-08-01 12:00:00', '2026-08-01T12:00:00Z'],
    ['2026-08-01T12:00:00Z', '2026-08-01T12:00:00Z'],
    ['2026-08-01 12:00:00.5', '2026-08-01T12:00:00.500Z'],
    ['2026-08-01 12:00:00.000001', '2026-08-01T12:00:00.000001Z'],
    ['2026-08-01 12:00:00.123456789', '2026-08-01T12:00:00.123456789Z'],
    ['2026-08-01 12:00:00.000000', '2026-08-01T12:00:00Z'],
    ['2026-08-01 12:00:00+00:00', '2026-08-01T12:00:00Z'],
    ['2026-08-01 01:30:00.25+05:30', '2026-07-31T20:00:00.250Z'],
    ['yesterday', epoch],
    ['2026-13-45 99:00:00+01:00', epoch],
    [null, epoch],
    // Feast takes UTC for the local time when it writes.
    [new Date(2026, 7, 1, 12).getTime() / 1000, '2026-08-01T12:00:00Z'],
    [0.5 + new Date(1969, 0, 2, 3, 4, 5).getTime() / 1000, '1969-01-02T03:04:05Z'],
    [1e300, epoch],
    [NaN, epoch],
  ])('%p is %s', (stored, shown) => {
    expect(toRfc3339(stored)).toBe(shown);
  });
});
