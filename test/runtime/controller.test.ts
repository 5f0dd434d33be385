import { describe, expect, it } from '@jest/globals';
import { Controller } from '../../src/runtime/controller.ts';
import type { ControllerOptions, Reconcile, ReconcileResult } from '../../src/runtime/controller.ts';
import { ApiError } from '../../src/runtime/ports.ts';
import { Store } from '../../src/runtime/store.ts';
import { TerminalError } from '../../src/runtime/terminal-error.ts';
import { FakeClock, flush } from './support/fake-clock.ts';
import { configMap } from './support/objects.ts';
import { RecordingLogger, RecordingMetrics } from './support/recorders.ts';

const setUp = (reconcile: Reconcile, options: Partial<ControllerOptions> = {}) => {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const controller = new Controller({ name: 'c', reconcile, clock, logger, metrics, random: () => 1, backoff: { baseMs: 100, maxMs: 60_000 }, ...options });
  const stop = new AbortController();
  const ended = controller.run(stop.signal);
  const value = (name: string, labels: Record<string, string> = {}) => metrics.value(`controller_runtime_${name}`, { controller: 'c', ...labels });
  const results = () => Object.fromEntries(['success', 'error', 'requeue', 'requeue_after'].map((result) => [result, value('reconcile_total', { result })]));
  return { clock, logger, metrics, controller, stop, ended, value, results };
};

/** A reconcile that plays a script, one line a call, and remembers its calls. */
const scripted = (...script: (ReconcileResult | Error)[]) => {
  const calls: string[] = [];
  const reconcile: Reconcile = async (key) => {
    calls.push(key);
    const step = script.shift() ?? {};
    if (step instanceof Error) throw step;
    return step;
  };
  return { calls, reconcile };
};

const untilAborted: Reconcile = (_key, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('Controller', () => {
  it('starts all its series at zero', () => {
    const { value, results } = setUp(async () => ({}), { workers: 3 });
    expect(results()).toEqual({ success: 0, error: 0, requeue: 0, requeue_after: 0 });
    const counters = ['reconcile_errors_total', 'terminal_reconcile_errors_total', 'reconcile_panics_total', 'reconcile_timeouts_total', 'active_workers'];
    expect(counters.map((name) => value(name))).toEqual([0, 0, 0, 0, 0]);
    expect(value('max_concurrent_reconciles')).toBe(3);
  });

  it.each([
    { thrown: new Error('no'), counted: { error: 1, requeue: 0 }, panics: 0, terminal: 0, secondCallAfterMs: 100 },
    { thrown: new TypeError('undefined is not a function'), counted: { error: 1, requeue: 0 }, panics: 1, terminal: 0, secondCallAfterMs: 100 },
    { thrown: new ApiError('Conflict', 'changed'), counted: { error: 0, requeue: 1 }, panics: 0, terminal: 0, secondCallAfterMs: 100 },
    { thrown: new ApiError('TooManyRequests', 'busy', { retryAfterMs: 4_000 }), counted: { error: 1, requeue: 0 }, panics: 0, terminal: 0, secondCallAfterMs: 4_000 },
    { thrown: new TerminalError('never'), counted: { error: 1, requeue: 0 }, panics: 0, terminal: 1, secondCallAfterMs: undefined },
  ])('after $thrown.name ($thrown.message) tries again when it makes sense', async ({ thrown, counted, panics, terminal, secondCallAfterMs }) => {
    const { calls, reconcile } = scripted(thrown);
    const { clock, controller, results, value } = setUp(reconcile);
    controller.enqueue('a');
    await flush();
    expect(results()).toMatchObject(counted);
    expect([value('reconcile_errors_total'), value('reconcile_panics_total'), value('terminal_reconcile_errors_total')]).toEqual([counted.error, panics, terminal]);
    if (secondCallAfterMs === undefined) {
      await clock.advance(3_600_000);
      expect(calls).toEqual(['a']);
      return;
    }
    await clock.advance(secondCallAfterMs - 1);
    expect(calls).toEqual(['a']);
    await clock.advance(1);
    expect(calls).toEqual(['a', 'a']);
  });

  it('backs off longer with each failure and starts anew after a success', async () => {
    const failure = new Error('no');
    const { reconcile } = scripted(failure, failure, failure, {}, failure);
    const { clock, controller } = setUp(reconcile);
    controller.enqueue('a');
    await clock.advance(100 + 200);
    expect(controller.queue.retries('a')).toBe(3);
    await clock.advance(400);
    expect(controller.queue.retries('a')).toBe(0);
  });

  it('looks again after the time the reconcile asked for', async () => {
    const { calls, reconcile } = scripted({ requeueAfterMs: 5_000 });
    const { clock, controller, results } = setUp(reconcile);
    controller.enqueue('a');
    await clock.advance(4_999);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect(calls).toHaveLength(2);
    expect(results()).toMatchObject({ requeue_after: 1, success: 1 });
  });

  it('never works on one key twice at a time, however many workers there are', async () => {
    const finish: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const { controller } = setUp(async () => {
      most = Math.max(most, (running += 1));
      await new Promise<void>((resolve) => finish.push(resolve));
      running -= 1;
      return {};
    }, { workers: 4 });
    controller.enqueue('a');
    await flush();
    controller.enqueue('a');
    controller.enqueue('a');
    await flush();
    expect([finish.length, most]).toEqual([1, 1]);
    finish[0]?.();
    await flush();
    expect([finish.length, most]).toEqual([2, 1]);
  });

  it('aborts a reconcile at its timeout, counts it and tries again', async () => {
    const { clock, controller, value, results, metrics } = setUp(untilAborted, { timeoutMs: 2_000 });
    controller.enqueue('a');
    await clock.advance(2_000);
    expect(value('reconcile_timeouts_total')).toBe(1);
    expect(results()).toMatchObject({ error: 1 });
    expect(controller.queue.retries('a')).toBe(1);
    expect(metrics.observations.get('controller_runtime_reconcile_time_seconds{controller="c"}')).toEqual([2]);
    expect(value('active_workers')).toBe(0);
    await clock.advance(100);
    expect(value('active_workers')).toBe(1);
  });

  it('counts no timeout for a reconcile that came back in time', async () => {
    const { clock, controller, value } = setUp(async () => ({}), { timeoutMs: 2_000 });
    controller.enqueue('a');
    await clock.advance(3_600_000);
    expect([value('reconcile_timeouts_total'), clock.pending]).toEqual([0, 0]);
  });

  it('enqueues what a store change matters to, before and after the change', async () => {
    const seen: string[] = [];
    const { controller } = setUp(async (key) => {
      seen.push(key);
      return {};
    });
    const store = new Store({ logger: new RecordingLogger() });
    store.upsert(configMap('there-already', '1', { labels: { owner: 'x' } }));
    controller.watch(store, (object) => Object.values(object.metadata.labels ?? {}));
    await flush();
    store.upsert(configMap('there-already', '2', { labels: { owner: 'y' } }));
    await flush();
    expect(seen).toEqual(['x', 'x', 'y']);
  });

  it('on stop takes nothing in and lets running reconciles finish', async () => {
    const calls: string[] = [];
    let finish = (): void => undefined;
    const { clock, controller, stop, ended } = setUp(async (key) => {
      calls.push(key);
      await new Promise<void>((resolve) => (finish = resolve));
      return { requeueAfterMs: 1 };
    });
    controller.enqueue('a');
    await flush();
    stop.abort();
    await flush();
    controller.enqueue('b');
    await clock.advance(5_000);
    finish();
    await expect(ended).resolves.toBe(true);
    await clock.advance(60_000);
    expect(calls).toEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  it('aborts what still runs at the end of the drain time, without counting an error', async () => {
    const { clock, controller, stop, ended, results } = setUp(untilAborted, { drainMs: 3_000 });
    controller.enqueue('a');
    await flush();
    stop.abort();
    await clock.advance(3_000);
    await expect(ended).resolves.toBe(true);
    expect(results()).toMatchObject({ error: 0 });
  });

  it('says so when a reconcile ignores its signal', async () => {
    const { clock, controller, stop, ended } = setUp(() => new Promise(() => undefined), { drainMs: 3_000 });
    controller.enqueue('a');
    await flush();
    stop.abort();
    await clock.advance(4_000);
    await expect(ended).resolves.toBe(false);
  });
});
