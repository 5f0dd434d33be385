import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Admission } from '../../../src/worker/serving/admission.ts';
import type { Waiting } from '../../../src/worker/serving/admission.ts';

/** What admission should do, said as simply as possible. */
class Model {
  readonly started: number[] = [];
  private readonly admission: Admission;
  private readonly waiting = new Map<number, Waiting>();
  private limit: number;
  private queue: number;
  private running = 0;
  private next = 0;

  constructor(limit: number, queue: number) {
    this.limit = limit;
    this.queue = queue;
    this.admission = new Admission(limit, queue);
  }

  offer(): void {
    const id = this.next++;
    const expected = (this.running < this.limit && this.waiting.size === 0) || this.waiting.size < this.queue;
    const start = (): void => {
      this.started.push(id);
      this.waiting.delete(id);
      this.running++;
    };
    this.waiting.set(id, { start });
    const request = this.waiting.get(id) ?? { start };
    expect(this.admission.offer(request)).toBe(expected);
    if (!expected) this.waiting.delete(id);
  }

  release(): void {
    if (this.running === 0) return;
    this.running--;
    this.admission.release();
  }

  cancel(): void {
    const [oldest] = this.waiting;
    if (oldest === undefined) return;
    this.waiting.delete(oldest[0]);
    expect(this.admission.cancel(oldest[1])).toBe(true);
  }

  resize(limit: number, queue: number): void {
    this.limit = limit;
    this.queue = queue;
    this.admission.resize(limit, queue);
  }

  check(): void {
    expect(this.admission.running).toBe(this.running);
    expect(this.admission.waiting).toBe(this.waiting.size);
    if (this.waiting.size > 0) expect(this.running).toBeGreaterThanOrEqual(this.limit);
  }
}

type Step = (model: Model) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>((model) => model.offer()) },
  { weight: 3, arbitrary: fc.constant<Step>((model) => model.release()) },
  { weight: 1, arbitrary: fc.constant<Step>((model) => model.cancel()) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(6)).map(([limit, queue]): Step => (model) => model.resize(limit, queue)) },
);

describe('admission', () => {
  it('starts at most the limit, first come first served, and loses nobody', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const model = new Model(2, 3);
        for (const take of steps) {
          take(model);
          model.check();
        }
        expect(model.started).toEqual(model.started.toSorted((a, b) => a - b));
      }),
    );
  });

  it('never cancels a request that has started', () => {
    const admission = new Admission(1, 1);
    const request: Waiting = { start: () => undefined };
    admission.offer(request);
    expect(admission.cancel(request)).toBe(false);
    expect(admission.running).toBe(1);
  });
});
