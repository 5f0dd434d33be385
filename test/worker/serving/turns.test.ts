import { describe, expect, it } from '@jest/globals';
import { Turns } from '../../../src/worker/serving/turns.ts';

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns of the loop', () => {
  it('runs jobs in order, one a turn', async () => {
    const ran: string[] = [];
    const turns = new Turns(() => 0);
    for (const name of ['a', 'b', 'c']) turns.run(() => ran.push(name));
    expect(ran).toEqual([]);
    for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      await nextTurn();
      expect(ran).toEqual(expected);
    }
  });

  it('takes an idle loop at its word: what is read now arrived now', async () => {
    let now = 100;
    const turns = new Turns(() => now);
    expect(turns.arrivedAt()).toBe(100);
    await nextTurn();
    now = 250;
    expect(turns.arrivedAt()).toBe(250);
  });

  it('puts what is read after a job into the middle of the time since the last look', async () => {
    let now = 0;
    const turns = new Turns(() => now);
    turns.run(() => (now = 10));
    turns.run(() => (now = 30));
    turns.run(() => undefined);
    await nextTurn();
    // The loop looked at 0, then a job ran until 10.
    expect(turns.arrivedAt()).toBe(5);
    now = 11;
    expect(turns.arrivedAt()).toBe(5);
    await nextTurn();
    // It looked at 10, then a job ran until 30.
    expect(turns.arrivedAt()).toBe(20);
  });

  it('lets a job add jobs, and goes on after ten thousand', async () => {
    let count = 0;
    const turns = new Turns(() => 0);
    const done = new Promise<void>((resolve) => {
      const job = (): void => {
        count++;
        if (count === 10_000) resolve();
        else turns.run(job);
      };
      turns.run(job);
    });
    await done;
    expect(count).toBe(10_000);
    expect(turns.turn).toBeGreaterThanOrEqual(10_000);
  });
});
