import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Places } from '../../../src/local/runtimes/places.ts';

describe('places', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const taken = (places: Places, count: number): number[] => {
    const done: number[] = [];
    for (let index = 0; index < count; index++) places.take(() => done.push(index));
    return done;
  };

  it('are without number until there is a limit', () => {
    const places = new Places({ holdMs: 50, mostWaiting: 0 });
    const done = taken(places, 1000);
    expect(places.waiting).toBe(0);
    jest.advanceTimersByTime(50);
    expect(done).toHaveLength(1000);
  });

  it('are given in the order of coming, so many at once', () => {
    const places = new Places({ holdMs: 50, mostWaiting: 100 });
    places.limit(2);
    const done = taken(places, 5);
    const seen = [0, 50, 50, 50].map((ms) => {
      jest.advanceTimersByTime(ms);
      return [done.length, places.waiting];
    });
    expect(seen).toEqual([[0, 3], [2, 1], [4, 0], [5, 0]]);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it('count who waits, and turn away who comes when too many do', () => {
    const places = new Places({ holdMs: 50, mostWaiting: 2 });
    places.limit(1);
    expect(Array.from({ length: 4 }, () => places.take(() => undefined))).toEqual([true, true, true, false]);
    jest.advanceTimersByTime(50);
    expect(places.take(() => undefined)).toBe(true);
  });

  it('that are held when a limit comes keep their time', () => {
    const places = new Places({ holdMs: 50, mostWaiting: 100 });
    const before = taken(places, 3);
    places.limit(1);
    const after = taken(places, 1);
    jest.advanceTimersByTime(50);
    expect([before.length, after.length]).toEqual([3, 0]);
    jest.advanceTimersByTime(50);
    expect(after).toHaveLength(1);
  });
});
