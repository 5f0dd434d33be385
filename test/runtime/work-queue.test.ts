import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from '../../src/runtime/work-queue.ts';
import { FakeClock } from './support/fake-clock.ts';
import { RecordingMetrics } from './support/recorders.ts';

const setUp = () => {
  const clock = new FakeClock();
  const metrics = new RecordingMetrics();
  const queue = new WorkQueue({ name: 'q', clock, random: () => 1, metrics, backoff: { baseMs: 100, maxMs: 1_000 } });
  const value = (name: string) => metrics.value(`workqueue_${name}`, { name: 'q' });
  return { clock, queue, metrics, value };
};

describe('WorkQueue', () => {
  it('hands a key that comes in to a worker that waits', async () => {
    const { queue } = setUp();
    const first = queue.get();
    queue.add('a');
    await expect(first).resolves.toBe('a');
  });

  it('keeps the earliest of several delayed adds', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 9_000);
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
    expect(await queue.get()).toBe('a');
    queue.done('a');
    await clock.advance(20_000);
    expect(queue.depth).toBe(0);
  });

  it.each([0, -5, Number.NaN])('adds at once after a delay of %p', (delayMs) => {
    const { queue } = setUp();
    queue.addAfter('a', delayMs);
    expect(queue.depth).toBe(1);
  });

  it('doubles the delay of each key by itself up to the maximum, and starts again after forget', () => {
    const { queue } = setUp();
    const delays = Array.from({ length: 5 }, () => queue.addRateLimited('a'));
    expect(delays).toEqual([100, 200, 400, 800, 1_000]);
    expect(queue.addRateLimited('b')).toBe(100);
    queue.forget('a');
    expect(queue.retries('a')).toBe(0);
    expect(queue.addRateLimited('a')).toBe(100);
  });

  it('waits as long as it was asked to when that is longer', () => {
    const { queue } = setUp();
    expect(queue.addRateLimited('a', 7_000)).toBe(7_000);
  });

  it('spreads rate-limited adds between half the ceiling and the ceiling', () => {
    const clock = new FakeClock();
    const options = { name: 'q', clock, metrics: new RecordingMetrics(), backoff: { baseMs: 100, maxMs: 1_000 } };
    expect(new WorkQueue({ ...options, random: () => 0 }).addRateLimited('a')).toBe(50);
    expect(new WorkQueue({ ...options, random: () => 0.5 }).addRateLimited('a')).toBe(75);
  });

  it('on shutdown sends waiting workers home, drops what waits and lets running work end', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    const idle = queue.get();
    queue.addAfter('late', 10);
    queue.shutDown();
    await expect(idle).resolves.toBeUndefined();
    queue.add('b');
    await clock.advance(100);
    expect([queue.depth, queue.processing]).toEqual([0, 1]);
    queue.done('a');
    expect(queue.processing).toBe(0);
    expect(await queue.get()).toBeUndefined();
  });

  it('leaves no timer behind once nothing waits and nothing is processed', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    queue.addAfter('b', 9_000);
    await queue.get();
    await clock.advance(6_000);
    expect(clock.pending).toBeGreaterThan(0);
    queue.shutDown();
    queue.done('a');
    expect(clock.pending).toBe(0);
  });

  it('counts as client-go counts', async () => {
    const { clock, queue, metrics, value } = setUp();
    expect([value('depth'), value('adds_total'), value('retries_total')]).toEqual([0, 0, 0]);
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect([value('depth'), value('adds_total')]).toEqual([2, 2]);
    await clock.advance(2_000);
    await queue.get();
    await queue.get();
    expect(metrics.observations.get('workqueue_queue_duration_seconds{name="q"}')).toEqual([2, 2]);
    await clock.advance(5_000);
    expect([value('unfinished_work_seconds'), value('longest_running_processor_seconds')]).toEqual([10, 5]);
    queue.done('a');
    queue.done('b');
    expect(metrics.observations.get('workqueue_work_duration_seconds{name="q"}')).toEqual([5, 5]);
    expect([value('unfinished_work_seconds'), value('longest_running_processor_seconds'), value('depth')]).toEqual([0, 0, 0]);
    queue.addRateLimited('a');
    expect(value('retries_total')).toBe(1);
  });
});
