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
    this.admission = new Admission({ limit, queue, objectiveMs: 1000 }, () => 0);
  }

  offer(): void {
    const id = this.next++;
    const expected = (this.running < this.limit && this.waiting.size === 0) || this.waiting.size < this.queue;
    const start = (): void => {
      this.started.push(id);
      this.waiting.delete(id);
      this.running++;
    };
    const request = { start, since: 0, refuse: () => undefined };
    this.waiting.set(id, request);
    expect(this.admission.offer(request)).toBe(expected ? undefined : 'queue_full');
    if (!expected) this.waiting.delete(id);
  }

  release(): void {
    if (this.running === 0) return;
    this.running--;
    this.admission.release(0);
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
    this.admission.resize({ limit, queue, objectiveMs: 1000 });
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
    const admission = new Admission({ limit: 1, queue: 1, objectiveMs: 1000 }, () => 0);
    const request: Waiting = { since: 0, start: () => undefined, refuse: () => undefined };
    admission.offer(request);
    expect(admission.cancel(request)).toBe(false);
    expect(admission.running).toBe(1);
  });
});

/** One place, work that takes `serviceMs`, arrivals every `arrivalMs` for `lastMs`. */
const simulate = ({ queue = 10_000, serviceMs, arrivalMs, lastMs, ...limits }: { serviceMs: number; arrivalMs: number; lastMs: number; objectiveMs: number; queue?: number; longestWaitMs?: number }) => {
  let now = 0;
  let doneAt = Infinity;
  const latencies: number[] = [];
  let refused = 0;
  const admission = new Admission({ limit: 1, queue, ...limits }, () => now);
  let current = 0;
  const finish = (): void => {
    latencies.push(now - current);
    doneAt = Infinity;
    admission.release(serviceMs);
  };
  const arrive = (): void => {
    const since = now;
    const start = (): void => {
      current = since;
      doneAt = now + serviceMs;
    };
    if (admission.offer({ since, start, refuse: () => refused++ }) !== undefined) refused++;
  };
  let next = 0;
  while (next <= lastMs || Number.isFinite(doneAt)) {
    if (doneAt <= next || next > lastMs) {
      now = doneAt;
      finish();
    } else {
      now = next;
      next += arrivalMs;
      arrive();
    }
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  return { answered: latencies.length, refused, waiting: admission.waiting, p95: sorted[Math.floor(0.95 * sorted.length)] ?? 0 };
};

describe('a queue bounded by time', () => {
  it('keeps what comes as long as it is told to, whatever the objective', () => {
    const load = { serviceMs: 10, arrivalMs: 8, lastMs: 4_000, objectiveMs: 50 };
    const patient = simulate({ ...load, longestWaitMs: 10_000 });
    expect(patient).toMatchObject({ refused: 0, answered: 501 });
    expect(patient.p95).toBeGreaterThan(10 * load.objectiveMs);
    const bounded = simulate({ ...load, longestWaitMs: 200 });
    expect(bounded.refused).toBeGreaterThan(0);
    expect(bounded.p95).toBeLessThanOrEqual(200 + load.serviceMs);
  });

  it('does not cut a burst by the time that is named either: it is for a queue that stands', () => {
    expect(simulate({ serviceMs: 10, arrivalMs: 0.1, lastMs: 0.6, objectiveMs: 100, longestWaitMs: 20 })).toMatchObject({ refused: 0, answered: 7 });
  });

  it.each([
    [1, 0.5, 25],
    [5, 2.5, 50],
    [10, 4, 100],
    [2, 0.1, 40],
  ])('of work of %f ms, offered every %f ms, is answered near the objective of %f ms', (serviceMs, arrivalMs, objectiveMs) => {
    const { p95, answered, refused, waiting } = simulate({ serviceMs, arrivalMs, objectiveMs, lastMs: 20_000 });
    expect(p95).toBeLessThanOrEqual(1.2 * objectiveMs);
    expect(p95).toBeGreaterThanOrEqual(0.5 * objectiveMs);
    // The pool is never idle for want of admitted work, and every request was answered, or refused, or neither has happened to none.
    expect(answered * serviceMs).toBeGreaterThanOrEqual(19_900);
    expect(answered + refused).toBe(Math.floor(20_000 / arrivalMs) + 1);
    expect(waiting).toBe(0);
  });

  it('takes a burst that is soon worked off', () => {
    const { refused } = simulate({ serviceMs: 10, arrivalMs: 0.1, lastMs: 0.8, objectiveMs: 20 });
    expect(refused).toBe(0);
  });

  it('refuses nobody below capacity', () => {
    expect(simulate({ serviceMs: 9, arrivalMs: 10, lastMs: 20_000, objectiveMs: 20 }).refused).toBe(0);
  });

  it('still lets some wait where the work alone takes longer than the objective', () => {
    const { answered, refused } = simulate({ serviceMs: 30, arrivalMs: 15, lastMs: 20_000, objectiveMs: 10 });
    expect(answered).toBeGreaterThan(600);
    expect(refused).toBeGreaterThan(600);
  });
});
