import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { WorkQueue } from '../../src/runtime/work-queue.ts';
import { FakeClock } from './support/fake-clock.ts';
import { RecordingMetrics } from './support/recorders.ts';

/** What the queue should be, written as simply as possible. */
interface Model {
  nowMs: number;
  line: string[];
  processing: Set<string>;
  again: Set<string>;
  /** Equal times come in the order in which they were asked for. */
  due: Map<string, { ms: number; order: number }>;
  asked: number;
  failures: Map<string, number>;
  shutDown: boolean;
}

interface Real {
  clock: FakeClock;
  queue: WorkQueue;
}

type Command = fc.AsyncCommand<Model, Real>;

const BACKOFF = { baseMs: 10, maxMs: 80 };

const modelAdd = (model: Model, key: string): void => {
  if (model.shutDown || model.line.includes(key) || model.again.has(key)) return;
  if (model.processing.has(key)) model.again.add(key);
  else model.line.push(key);
};

const modelAddAfter = (model: Model, key: string, delayMs: number): void => {
  if (model.shutDown) return;
  if (delayMs <= 0) modelAdd(model, key);
  else if (model.nowMs + delayMs < (model.due.get(key)?.ms ?? Infinity)) model.due.set(key, { ms: model.nowMs + delayMs, order: (model.asked += 1) });
};

const agree = (model: Model, { queue }: Real): void => {
  expect(queue.depth).toBe(model.line.length);
  expect(queue.processing).toBe(model.processing.size);
  for (const key of ['a', 'b', 'c']) expect(queue.retries(key)).toBe(model.failures.get(key) ?? 0);
};

const command = (name: string, run: (model: Model, real: Real) => void | Promise<void>, check: (model: Readonly<Model>) => boolean = () => true): Command => ({
  check,
  run: async (model, real) => {
    await run(model, real);
    agree(model, real);
  },
  toString: () => name,
});

const add = (key: string): Command =>
  command(`add(${key})`, (model, { queue }) => {
    modelAdd(model, key);
    queue.add(key);
  });

const addAfter = (key: string, delayMs: number): Command =>
  command(`addAfter(${key},${delayMs})`, (model, { queue }) => {
    modelAddAfter(model, key, delayMs);
    queue.addAfter(key, delayMs);
  });

const addRateLimited = (key: string): Command =>
  command(`addRateLimited(${key})`, (model, { queue }) => {
    const failures = model.failures.get(key) ?? 0;
    const delayMs = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** failures);
    model.failures.set(key, failures + 1);
    modelAddAfter(model, key, delayMs);
    expect(queue.addRateLimited(key)).toBe(delayMs);
  });

const forget = (key: string): Command =>
  command(`forget(${key})`, (model, { queue }) => {
    model.failures.delete(key);
    queue.forget(key);
  });

const take = (): Command =>
  command(
    'get()',
    async (model, { queue }) => {
      const expected = model.line.shift();
      if (expected !== undefined) model.processing.add(expected);
      expect(await queue.get()).toBe(expected);
    },
    (model) => model.shutDown || model.line.length > 0,
  );

const done = (key: string): Command =>
  command(
    `done(${key})`,
    (model, { queue }) => {
      model.processing.delete(key);
      if (model.again.delete(key)) model.line.push(key);
      queue.done(key);
    },
    (model) => model.processing.has(key),
  );

const advance = (ms: number): Command =>
  command(`advance(${ms})`, async (model, { clock }) => {
    model.nowMs += ms;
    const due = [...model.due].filter(([, { ms }]) => ms <= model.nowMs).sort(([, a], [, b]) => a.ms - b.ms || a.order - b.order);
    for (const [key] of due) {
      model.due.delete(key);
      modelAdd(model, key);
    }
    await clock.advance(ms);
  });

const shutDown = (): Command =>
  command('shutDown()', (model, { queue }) => {
    model.shutDown = true;
    model.line = [];
    model.again.clear();
    model.due.clear();
    queue.shutDown();
  });

const key = fc.constantFrom('a', 'b', 'c');
// Twice in the list: twice as likely.
const commands = [
  key.map(add),
  key.map(add),
  fc.tuple(key, fc.integer({ min: -1, max: 60 })).map(([name, delayMs]) => addAfter(name, delayMs)),
  key.map(addRateLimited),
  key.map(forget),
  fc.constant(take()),
  fc.constant(take()),
  key.map(done),
  key.map(done),
  fc.integer({ min: 1, max: 50 }).map(advance),
  fc.constant(shutDown()),
];

describe('WorkQueue against its model', () => {
  it('agrees with the model after any sequence of calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 60 }), async (sequence) => {
        await fc.asyncModelRun(() => {
          const clock = new FakeClock();
          const queue = new WorkQueue({ name: 'q', clock, random: () => 1, metrics: new RecordingMetrics(), backoff: BACKOFF });
          const model: Model = { nowMs: 0, line: [], processing: new Set(), again: new Set(), due: new Map(), asked: 0, failures: new Map(), shutDown: false };
          return { model, real: { clock, queue } };
        }, sequence);
      }),
      { numRuns: 300 },
    );
  });
});
