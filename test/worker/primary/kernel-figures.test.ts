import { describe, expect, it } from '@jest/globals';
import { parseCpuStat, readThrottling, RunQueueWaits } from '../../../src/worker/primary/kernel-figures.ts';

describe('cpu.stat', () => {
  it.each([
    ['version 2', 'usage_usec 9\nnr_periods 60\nnr_throttled 28\nthrottled_usec 710000\n', { periods: 60, throttledPeriods: 28, throttledSeconds: 0.71 }],
    ['version 1', 'nr_periods 60\nnr_throttled 28\nthrottled_time 710000000\n', { periods: 60, throttledPeriods: 28, throttledSeconds: 0.71 }],
    ['the root group of version 2 has no quota', 'usage_usec 9\nuser_usec 5\n', undefined],
    ['nonsense', 'nr_periods x\n', undefined],
    ['nothing', '', undefined],
  ])('%s', (_name, text, expected) => {
    expect(parseCpuStat(text)).toEqual(expected);
  });

  it('is absent where there is no file', () => {
    expect(readThrottling(['/nowhere/cpu.stat'])).toBeUndefined();
  });
});

describe('run-queue waits', () => {
  it('never fall, whoever comes and goes', () => {
    const waits = new RunQueueWaits();
    const first = waits.read([process.pid]);
    const second = waits.read([process.pid, 2 ** 30]);
    const third = waits.read([]);
    expect(second ?? 0).toBeGreaterThanOrEqual(first ?? 0);
    expect(third).toBe(second);
  });
});
