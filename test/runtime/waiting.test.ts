import { describe, expect, it } from '@jest/globals';
import { aborted, linkSignals, rejectsWith, settlesWithin, sleep } from '../../src/runtime/waiting.ts';
import { FakeClock, flush } from './support/fake-clock.ts';

describe('sleep', () => {
  it('tells whether the time passed or the signal came', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const whole = sleep(clock, 100);
    const cut = sleep(clock, 100, stop.signal);
    stop.abort();
    await clock.advance(100);
    await expect(whole).resolves.toBe(true);
    await expect(cut).resolves.toBe(false);
    await expect(sleep(clock, 100, stop.signal)).resolves.toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('linkSignals', () => {
  it('follows each parent with its reason until disposed of', () => {
    const parent = new AbortController();
    const link = linkSignals(undefined, parent.signal);
    const left = linkSignals(parent.signal);
    left.dispose();
    const reason = new Error('stop');
    parent.abort(reason);
    expect([link.signal.aborted, link.signal.reason, left.signal.aborted]).toEqual([true, reason, false]);
    expect(linkSignals(parent.signal).signal.aborted).toBe(true);
  });

  it('can be aborted without its parents', () => {
    const parent = new AbortController();
    const link = linkSignals(parent.signal);
    link.abort(new Error('time is up'));
    expect([link.signal.aborted, parent.signal.aborted]).toEqual([true, false]);
  });
});

describe('settlesWithin', () => {
  it.each([
    { work: Promise.resolve(), within: true },
    { work: Promise.reject(new Error('no')), within: true },
    { work: new Promise(() => undefined), within: false },
  ])('is $within', async ({ work, within }) => {
    const clock = new FakeClock();
    const result = settlesWithin(clock, work, 50);
    await clock.advance(50);
    await expect(result).resolves.toBe(within);
    await flush();
    expect(clock.pending).toBe(0);
  });
});

describe('aborted and rejectsWith', () => {
  it('settle when the signal comes, or at once when it has come', async () => {
    const stop = new AbortController();
    const waiting = aborted(stop.signal);
    const failing = expect(rejectsWith(stop.signal)).rejects.toThrow('enough');
    stop.abort(new Error('enough'));
    await waiting;
    await failing;
    await aborted(stop.signal);
    await expect(rejectsWith(stop.signal)).rejects.toThrow('enough');
  });
});
