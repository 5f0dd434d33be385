import { describe, expect, it, jest } from '@jest/globals';
import { lognormal, StoreQueue } from '../../bench/causes/store/behaviour.ts';
import { seededRandom } from '../../../src/local/load/random.ts';

describe('StoreQueue', () => {
  it('serves so many at once and the others later', () => {
    jest.useFakeTimers();
    try {
      const queue = new StoreQueue({ places: 2, serviceMs: 10 }, () => 0.25);
      const served: number[] = [];
      for (const request of [1, 2, 3]) queue.serve(() => served.push(request));
      jest.advanceTimersByTime(15);
      const first = [...served];
      jest.advanceTimersByTime(15);
      expect([first, served]).toEqual([[1, 2], [1, 2, 3]]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('serves all at once without a limit, also those that waited for one', () => {
    jest.useFakeTimers();
    try {
      const queue = new StoreQueue({ places: 1, serviceMs: 10 }, () => 0.25);
      let served = 0;
      for (let request = 0; request < 20; request += 1) queue.serve(() => (served += 1));
      queue.become({ places: null, serviceMs: 10 });
      jest.advanceTimersByTime(25);
      expect(served).toBe(20);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('lognormal', () => {
  it('has the mean that was asked for', () => {
    const random = seededRandom(7);
    const draws = Array.from({ length: 20_000 }, () => lognormal(10, random));
    expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(10, 0);
    expect(Math.min(...draws)).toBeGreaterThan(0);
  });
});
