import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from '../../src/runtime/system-clock.ts';

describe('systemClock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const DAY_MS = 86_400_000;

  it.each([0, -1, Number.NaN, 5, 40 * DAY_MS])('calls back once after %d ms, also beyond the 24.8 days of a timer', (delayMs) => {
    const callback = jest.fn();
    systemClock().schedule(delayMs, callback);
    const whole = Math.max(0, Number.isNaN(delayMs) ? 0 : delayMs);
    if (whole > 1) jest.advanceTimersByTime(whole - 1);
    if (whole > 1) expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(100);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('does not call back after cancelling, also in the middle of a long wait', () => {
    const callback = jest.fn();
    const cancel = systemClock().schedule(40 * DAY_MS, callback);
    jest.advanceTimersByTime(30 * DAY_MS);
    cancel();
    jest.advanceTimersByTime(30 * DAY_MS);
    expect(callback).not.toHaveBeenCalled();
  });
});
