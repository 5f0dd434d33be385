import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Knobs } from '../../../src/worker/messages.ts';
import { Pool } from '../../../src/worker/primary/pool.ts';
import type { PoolProcesses } from '../../../src/worker/primary/pool.ts';

const limits = { threadsMax: 64, processesMax: 8, queueFactor: 8 };
const config = { threads: 8, processes: 1, generation: 1, objectiveMs: 50 };

/** Processes that take a size at once, and have it in force when they are told to. */
class FakeProcesses implements PoolProcesses {
  ending = false;
  readonly sizes: number[] = [];
  /** Sizes that do not come into force. */
  readonly stuck = new Set<number>();
  /** Holds the next `apply` back until it resolves. */
  starting: Promise<void> = Promise.resolve();

  async apply(count: number, _knobs: Knobs): Promise<void> {
    this.sizes.push(count);
    await this.starting;
  }

  inForce(count: number): boolean {
    return !this.stuck.has(count) && this.sizes.at(-1) === count;
  }
}

describe('a change of the pool that takes long', () => {
  let processes: FakeProcesses;
  let pool: Pool;

  beforeEach(() => {
    jest.useFakeTimers();
    processes = new FakeProcesses();
    pool = new Pool(config, limits, processes);
  });
  afterEach(() => void jest.useRealTimers());

  it('is answered slow after 20 s, and is in force later', async () => {
    await pool.start();
    processes.stuck.add(2);
    const outcome = pool.change({ generation: 2, processes: 2 });
    await jest.advanceTimersByTimeAsync(20_000);
    expect(await outcome).toMatchObject({ kind: 'slow' });
    expect(pool.inForce.generation).toBe(1);
    processes.stuck.clear();
    await jest.advanceTimersByTimeAsync(25);
    expect(pool.inForce.generation).toBe(2);
  });

  it.each([0, 5, 12, 24])('never has its size applied again once its successor is there, %d ms after a look', async (afterMs) => {
    await pool.start();
    processes.stuck.add(2);
    void pool.change({ generation: 2, processes: 2 });
    await jest.advanceTimersByTimeAsync(20_000 + afterMs);
    processes.stuck.add(3);
    void pool.change({ generation: 3, processes: 3 });
    await jest.advanceTimersByTimeAsync(1000);
    expect(processes.sizes.slice(processes.sizes.indexOf(3)).filter((size) => size !== 3)).toEqual([]);
  });

  it('is applied once at a time, however often it is asked for', async () => {
    await pool.start();
    processes.stuck.add(2);
    for (let count = 0; count < 3; count++) {
      void pool.change({ generation: 2, processes: 2 });
      await jest.advanceTimersByTimeAsync(20_000);
    }
    const before = processes.sizes.length;
    await jest.advanceTimersByTimeAsync(1000);
    expect(processes.sizes.length - before).toBe(40);
  });

  it('is given up at the end', async () => {
    await pool.start();
    processes.stuck.add(2);
    const outcome = pool.change({ generation: 2, processes: 2 });
    processes.ending = true;
    await jest.advanceTimersByTimeAsync(100);
    expect(await outcome).toMatchObject({ kind: 'slow' });
  });

  it('is answered slow behind a start that does not come to an end, and not made after that', async () => {
    let started = (): void => undefined;
    processes.starting = new Promise((resolve) => (started = resolve));
    const start = pool.start();
    const outcome = pool.change({ generation: 2, processes: 2 });
    await jest.advanceTimersByTimeAsync(20_000);
    expect(await outcome).toMatchObject({ kind: 'slow' });
    started();
    await start;
    await jest.advanceTimersByTimeAsync(1000);
    expect(processes.sizes).toEqual([1]);
    expect(await pool.change({ generation: 2, processes: 2 })).toEqual({ kind: 'inForce' });
    expect(pool.inForce.generation).toBe(2);
  });
});
