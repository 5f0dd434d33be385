import { describe, expect, it } from '@jest/globals';
import { defaultKpa, KpaScaler } from '../../../src/sim/policies/kpa.ts';
import type { KpaSettings } from '../../../src/sim/policies/kpa.ts';

const scaler = (part: Partial<KpaSettings> = {}): KpaScaler => new KpaScaler({ ...defaultKpa, bounds: { min: 1, max: 1000 }, target: 10, ...part });

/** Feeds the same concurrency each 2 s. */
const feed = (kpa: KpaScaler, from: number, seconds: number, ready: number, concurrency: number): number => {
  let answer = 0;
  for (let at = from; at < from + seconds; at += 2) answer = kpa.decide(at, ready, concurrency);
  return answer;
};

describe('KPA', () => {
  it.each([
    // ceil(concurrency / target), at least half of the ready pods.
    [10, 100, 10],
    [10, 101, 11],
    [10, 55, 6],
    [10, 5, 5],
    [1, 0, 1],
  ])('%d pods that hold %d requests at a target of 10 become %d', (ready, concurrency, expected) => {
    expect(feed(scaler(), 0, 120, ready, concurrency)).toBe(expected);
  });

  it('panics when six seconds ask for twice the ready pods, and does not shrink meanwhile', () => {
    const kpa = scaler();
    feed(kpa, 0, 60, 10, 100);
    expect(kpa.isPanicking).toBe(false);
    // Three ticks of 200 fill the panic window: 20 pods are twice 10. The stable window is at (28·100 + 2·200)/30 = 107, 11 pods.
    expect(kpa.decide(60, 10, 200)).toBe(11);
    expect(kpa.decide(62, 10, 200)).toBe(11);
    expect(kpa.decide(64, 10, 200)).toBe(20);
    expect(kpa.isPanicking).toBe(true);
    // Down to nothing at once: the 20 stay for the rest of the stable window, counted from the last breach.
    expect(feed(kpa, 66, 58, 20, 0)).toBe(20);
    expect(kpa.isPanicking).toBe(true);
    expect(feed(kpa, 124, 4, 20, 0)).toBe(10);
    expect(kpa.isPanicking).toBe(false);
  });

  it('grows at most by the factor that is set', () => {
    expect(feed(scaler({ maxScaleUp: 3 }), 0, 60, 2, 500)).toBe(6);
    expect(feed(scaler(), 0, 60, 2, 500)).toBe(50);
  });

  it('waits with a smaller size where a delay is set', () => {
    const kpa = scaler({ scaleDownDelaySeconds: 30 });
    feed(kpa, 0, 60, 10, 100);
    expect(feed(kpa, 60, 60, 10, 60)).toBe(8);
    expect(feed(kpa, 120, 60, 10, 60)).toBe(6);
  });

  it('keeps the bounds', () => {
    expect(feed(scaler({ bounds: { min: 3, max: 7 } }), 0, 60, 5, 500)).toBe(7);
    expect(feed(scaler({ bounds: { min: 3, max: 7 } }), 0, 60, 5, 0)).toBe(3);
  });
});
