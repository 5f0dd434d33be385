import { describe, expect, it } from '@jest/globals';
import { StallWatchdog } from '../../src/runtime/stall-watchdog.ts';
import { FakeClock } from './support/fake-clock.ts';

const setUp = () => {
  const clock = new FakeClock();
  const stalls: string[] = [];
  const watchdog = new StallWatchdog(clock, { idleMs: 1_000, totalMs: 5_000, onStall: ({ message }) => stalls.push(message) });
  return { clock, stalls, watchdog };
};

describe('StallWatchdog', () => {
  it('notices silence, once', async () => {
    const { clock, stalls } = setUp();
    await clock.advance(20_000);
    expect(stalls).toEqual(['nothing came for 1000 ms']);
  });

  it('leaves a stream alone that shows life, but for its end that the server does not keep', async () => {
    const { clock, stalls, watchdog } = setUp();
    for (let passedMs = 0; passedMs < 4_500; passedMs += 900) {
      await clock.advance(900);
      watchdog.sawLife();
    }
    expect(stalls).toEqual([]);
    await clock.advance(500);
    expect(stalls).toEqual(['not closed by the server within 5000 ms']);
  });

  it('is silent and holds no timer once stopped', async () => {
    const { clock, stalls, watchdog } = setUp();
    watchdog.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(20_000);
    expect(stalls).toEqual([]);
  });
});
