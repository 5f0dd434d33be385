import { describe, expect, it } from '@jest/globals';
import type { PodModel } from '../../../src/core/autoscale/capacity.ts';
import { notUnseen } from '../../../src/core/autoscale/guards/lessons.ts';
import { withinBounds, withinConcurrency } from '../../../src/core/autoscale/guards/limits.ts';
import { oneKnob } from '../../../src/core/autoscale/guards/one-knob.ts';
import { downRate, notAfterRestart, notInRollout, notWhileUnready, onlyWhenEnabled, stabilized } from '../../../src/core/autoscale/guards/replicas-down.ts';
import { notBeforeLastBatch, notWhileBlocked, upRate } from '../../../src/core/autoscale/guards/replicas-up.ts';
import { measure } from '../../../src/core/autoscale/measure.ts';
import type { Memory } from '../../../src/core/autoscale/memory.ts';
import { noteFacts, noteMoves, takeUp } from '../../../src/core/autoscale/remember.ts';
import type { GuardRail, Situation } from '../../../src/core/autoscale/situation.ts';
import type { AutoscaleSpec, FleetWindow } from '../../../src/core/autoscale/types.ts';
import { fleet, pod, pods, spec, start } from './support/fleet.ts';

const ten = { replicas: 10, threads: 8, processes: 2 };
const hours = 3_600_000;
const ago = (seconds: number) => start - 1000 * seconds;

interface Part {
  spec?: AutoscaleSpec;
  fleet?: Partial<FleetWindow>;
  memory?: Partial<Memory>;
  model?: PodModel;
}

/** A pod of one core that is planned for 300 requests/s, if a request does not hold a slot for long. */
const podOfOneCore = (hold: number): PodModel => ({ cpu: 0.002, service95: 0.003, store: 0.001, store95: 0.002, hold, target: 0.6, unreachable: false, singleCore: true, coreLimit: 1, coreShare: 1, lockRate: Infinity });

/** A fleet of ten busy pods, watched for hours, in which nothing has moved lately. */
const situation = (part: Part = {}): Situation => {
  const used = part.spec ?? spec({ replicas: { max: 100 }, processes: { max: 4 } });
  const windows = fleet(ten, pods(10, { rate: 50, processes: 2 }), part.fleet);
  const memory = { ...takeUp(null, windows, used, start - hours), ...part.memory };
  const facts = measure(windows, used, start, null);
  return { now: start, spec: used, fleet: windows, current: windows.current, facts, memory, class: 'OK', gap: null, model: part.model ?? null, demand: 500, fullStore: null, experiment: null };
};

const to = (change: Partial<typeof ten>) => ({ ...ten, ...change });
const apply = (rail: GuardRail, change: Partial<typeof ten>, part: Part = {}) => {
  const verdict = rail(to(change), situation(part));
  return { scale: verdict?.scale ?? to(change), guard: verdict?.guard ?? null, bound: verdict?.bound ?? null };
};
const unready = pods(10, { rate: 50, processes: 2 }).map((one) => ({ ...one, ready: false }));

/** Seven of ten pods have come; the last batch was of four. */
const pendingAndFull = (seconds: number, rate = 1000): Part => ({ memory: { batch: { at: ago(seconds), from: 6, to: 10 } }, fleet: { pods: pods(7, { rate, processes: 2 }) } });
const raise = (seconds: number): NonNullable<Memory['trial']> => ({ at: ago(seconds), from: to({ threads: 4 }), to: ten, before: { p95: 0.1, cpu: 0.002, offered: 500, answered: 400 } });

const cases: [string, GuardRail, Partial<typeof ten>, Part, Partial<typeof ten>][] = [
  ['most pods unready under load: no shrinking', notWhileUnready, { replicas: 5 }, { fleet: { readyReplicas: 4 } }, { replicas: 10 }],
  ['most pods unready without load: shrinking is fine', notWhileUnready, { replicas: 5 }, { fleet: { readyReplicas: 4, pods: pods(10, { rate: 0, processes: 2 }) } }, { replicas: 5 }],
  ['half of the pods ready: shrinking is fine', notWhileUnready, { replicas: 5 }, { fleet: { readyReplicas: 5 } }, { replicas: 5 }],
  ['most pods unready: growing is fine', notWhileUnready, { replicas: 14 }, { fleet: { readyReplicas: 0, pods: unready } }, { replicas: 14 }],
  ['rollout: no shrinking', notInRollout, { replicas: 5 }, { fleet: { rollingOut: true } }, { replicas: 10 }],
  ['rollout: growing is fine', notInRollout, { replicas: 12 }, { fleet: { rollingOut: true } }, { replicas: 12 }],
  ['scaling down switched off', onlyWhenEnabled, { replicas: 5 }, { spec: spec({ scaleDown: { enabled: false } }) }, { replicas: 10 }],
  ['restarted 299 s ago: every knob keeps its size', notAfterRestart, { replicas: 5, threads: 4, processes: 1 }, { memory: { watchedSince: ago(299) } }, ten],
  ['restarted 300 s ago: one stabilization has passed', notAfterRestart, { replicas: 5 }, { memory: { watchedSince: ago(300) } }, { replicas: 5 }],
  ['restarted just now: growing is fine', notAfterRestart, { replicas: 14 }, { memory: { watchedSince: start } }, { replicas: 14 }],
  ['8 pods were wanted 200 s ago', stabilized, { replicas: 3 }, { memory: { wantedReplicas: [[ago(200), 8]] } }, { replicas: 8 }],
  ['8 pods were wanted 400 s ago', stabilized, { replicas: 3 }, { memory: { wantedReplicas: [[ago(400), 8]] } }, { replicas: 3 }],
  ['30 pods were wanted: the way down never goes up', stabilized, { replicas: 3 }, { memory: { wantedReplicas: [[ago(9), 30]] } }, { replicas: 10 }],
  ['four reversals: the window is twice as long', stabilized, { replicas: 3 }, { memory: { wantedReplicas: [[ago(400), 8]], turns: [ago(9), ago(8), ago(7), ago(6)] } }, { replicas: 8 }],
  ['threads are held by their own history', stabilized, { threads: 2 }, { memory: { wantedThreads: [[ago(200), 6]] } }, { threads: 6 }],
  ['a tenth a minute', downRate, { replicas: 3 }, {}, { replicas: 9 }],
  ['a tenth a minute of what it was a minute ago', downRate, { replicas: 3 }, { memory: { highestReplicas: [[ago(30), 11]] } }, { replicas: 10 }],
  ['at 50 % a minute', downRate, { replicas: 3 }, { spec: spec({ scaleDown: { maxPercentPerMinute: 50 } }) }, { replicas: 5 }],
  ['a quota refuses pods', notWhileBlocked, { replicas: 14 }, { fleet: { blocked: { reason: 'Quota', message: 'exceeded quota: pods', since: start } } }, { replicas: 10 }],
  ['a quota does not keep a fleet from shrinking', notWhileBlocked, { replicas: 9 }, { fleet: { blocked: { reason: 'Quota', message: '', since: start } } }, { replicas: 9 }],
  ['2 of the last batch of 4 not ready: may grow', notBeforeLastBatch, { replicas: 14 }, { memory: { batch: { at: ago(5), from: 6, to: 10 } }, fleet: { pods: pods(8, { rate: 60 }) } }, { replicas: 14 }],
  ['3 of the last batch of 4 not ready: may not', notBeforeLastBatch, { replicas: 14 }, { memory: { batch: { at: ago(5), from: 6, to: 10 } }, fleet: { pods: pods(7, { rate: 60 }) } }, { replicas: 10 }],
  ['pods that answer have been ready, whatever they are now', notBeforeLastBatch, { replicas: 14 }, { memory: { batch: { at: ago(5), from: 6, to: 10 } }, fleet: { pods: unready.map((one) => ({ ...one, readyAt: null })) } }, { replicas: 14 }],
  ['the present rate alone takes 24 where the CPU is full: up to them nothing waits', notBeforeLastBatch, { replicas: 20 }, { ...pendingAndFull(5), model: podOfOneCore(0.003) }, { replicas: 20 }],
  ['what a queue and growth ask for beyond that does', notBeforeLastBatch, { replicas: 40 }, { ...pendingAndFull(5), model: podOfOneCore(0.003) }, { replicas: 24 }],
  ['pods that are late keep all others back', notBeforeLastBatch, { replicas: 20 }, { ...pendingAndFull(600), model: podOfOneCore(0.003) }, { replicas: 10 }],
  ['a CPU that is idle knows nothing of what the rate takes', notBeforeLastBatch, { replicas: 20 }, { ...pendingAndFull(5, 60), model: podOfOneCore(0.003) }, { replicas: 10 }],
  ['pods for more slots wait for the window of a raise of threads', notUnseen, { replicas: 14 }, { memory: { trial: raise(5) }, model: podOfOneCore(0.5) }, { replicas: 10 }],
  ['pods for more CPU do not', notUnseen, { replicas: 14 }, { memory: { trial: raise(5) }, model: podOfOneCore(0.003) }, { replicas: 14 }],
  ['pods leave whatever was raised', notUnseen, { replicas: 9 }, { memory: { trial: raise(5) }, model: podOfOneCore(0.5) }, { replicas: 9 }],
  ['a raise that a whole window shows keeps nothing back', notUnseen, { replicas: 14, threads: 16 }, { memory: { trial: raise(20) }, model: podOfOneCore(0.5) }, { replicas: 14, threads: 16 }],
  ['at most double, where that is more than four', upRate, { replicas: 40 }, {}, { replicas: 20 }],
  ['counted from the smallest size of the period', upRate, { replicas: 40 }, { memory: { lowestReplicas: [[ago(10), 6]] } }, { replicas: 12 }],
  ['an older size does not count', upRate, { replicas: 40 }, { memory: { lowestReplicas: [[ago(17), 6]] } }, { replicas: 20 }],
  ['at most four, where that is more than the percentage', upRate, { replicas: 40 }, { spec: spec({ scaleUp: { maxPercent: 10 } }) }, { replicas: 14 }],
  ['threads and pods up: threads first', oneKnob, { replicas: 12, threads: 16 }, {}, { threads: 16 }],
  ['threads and pods down: pods first', oneKnob, { replicas: 9, threads: 4 }, {}, { replicas: 9 }],
  ['processes and threads up: threads first', oneKnob, { threads: 16, processes: 4 }, {}, { threads: 16 }],
  ['processes and threads down: processes first', oneKnob, { threads: 4, processes: 1 }, {}, { processes: 1 }],
  ['pods moved 10 s ago: threads wait', oneKnob, { threads: 16 }, { memory: { podsMovedAt: ago(10) } }, {}],
  ['pods moved 15 s ago: threads may move', oneKnob, { threads: 16 }, { memory: { podsMovedAt: ago(15) } }, { threads: 16 }],
  ['pods moved 10 s ago: pods that are needed go on', oneKnob, { replicas: 12, threads: 16 }, { memory: { podsMovedAt: ago(10) } }, { replicas: 12 }],
  ['threads moved 5 s ago: pods that are needed do not wait', oneKnob, { replicas: 12 }, { memory: { threadsMovedAt: ago(5) } }, { replicas: 12 }],
  ['threads moved 5 s ago: pods do not leave', oneKnob, { replicas: 9 }, { memory: { threadsMovedAt: ago(5) } }, {}],
  ['minimum and maximum', withinBounds, { replicas: 200, threads: 99, processes: 9 }, {}, { replicas: 100, threads: 32, processes: 4 }],
  ['a knob that the mode does not turn has no range', withinBounds, {}, { spec: spec({ mode: 'ThreadsOnly', replicas: { max: 3 }, processes: { max: 4 } }) }, {}],
  ['the cap holds back pods', withinConcurrency, { replicas: 14 }, { spec: spec({ maxConcurrency: 200 }) }, { replicas: 12 }],
  ['terminating pods count', withinConcurrency, { replicas: 14 }, { spec: spec({ maxConcurrency: 200 }), fleet: { terminating: 2 } }, { replicas: 10 }],
  ['surging pods count', withinConcurrency, { replicas: 14 }, { spec: spec({ maxConcurrency: 200, processes: { max: 4 } }), fleet: { pods: pods(11, { rate: 9 }) } }, { replicas: 11 }],
  ['the cap holds back threads', withinConcurrency, { threads: 32 }, { spec: spec({ maxConcurrency: 200 }) }, { threads: 10 }],
  ['a cap that was lowered takes threads first', withinConcurrency, {}, { spec: spec({ maxConcurrency: 100 }) }, { threads: 5 }],
  ['then processes, then pods', withinConcurrency, {}, { spec: spec({ maxConcurrency: 6 }) }, { replicas: 6, threads: 1, processes: 1 }],
];

describe('guard rails', () => {
  it.each(cases)('%s', (_name, rail, wanted, part, expected) => {
    expect(apply(rail, wanted, part).scale).toEqual(to(expected));
  });

  it.each([
    ['Quota', 'quota'],
    ['Unschedulable', 'unschedulable'],
    ['Image', 'image'],
  ] as const)('names %s as what binds', (reason, bound) => {
    expect(apply(notWhileBlocked, { replicas: 11 }, { fleet: { blocked: { reason, message: 'no', since: start } } })).toMatchObject({ guard: 'PodsBlocked', bound });
  });

  it.each([
    ['that are not due yet as a rate', 5, 'rate'],
    ['that are late as what they are: pods for which there is no node are told by notWhileBlocked', 600, 'notReady'],
  ])('names pods %s', (_what, age, bound) => {
    expect(apply(notBeforeLastBatch, { replicas: 20 }, { ...pendingAndFull(age, 60), model: podOfOneCore(0.003) })).toMatchObject({ guard: 'LastBatchNotReady', bound });
  });

  it('lets lost pods be replaced without a rate: only the wanted number counts', () => {
    expect(upRate(ten, situation({ fleet: { pods: [pod('last', { rate: 500 })] } }))).toBeNull();
  });
});

describe('memory of moves', () => {
  const used = spec();
  const begin = takeUp(null, fleet(ten, []), used, start - hours);

  it('counts a reversal when the direction turns, whoever moved', () => {
    const sizes = [10, 12, 11, 12, 12, 10, 9];
    const end = sizes.reduce((memory, replicas, index) => noteMoves(memory, { ...ten, replicas }, start + index), begin);
    expect(end).toMatchObject({ turns: [start + 2, start + 3, start + 5], podsMovedAt: start + 6, batch: { from: 10, to: 12 } });
  });

  it.each([
    ['another leader', { at: null }, true],
    ['a gap of two minutes', { at: ago(120) }, true],
    ['a clock that went back', { at: start + 1000 }, true],
    ['five seconds ago', { at: ago(5) }, false],
  ] as const)('%s: watching starts anew %s', (_name, change, isAnew) => {
    const memory = takeUp({ ...begin, ...change }, fleet(ten, []), used, start);
    expect(memory.watchedSince === start).toBe(isAnew);
  });

  it('no longer counts a batch of which half has been ready: a pod that is lost later does not hold up the next', () => {
    const grown = { ...begin, batch: { at: start, from: 6, to: 10 } };
    const after = (memory: Memory, ready: number) => noteFacts(memory, measure(fleet(ten, pods(ready, { rate: 60 })), used, start, null), { gap: null, isHeard: true }, used).batch;
    expect(after(grown, 7)).toEqual(grown.batch);
    expect(after(grown, 8)).toBeNull();
  });

  it('learns the time to ready, and not from pods whose readiness was lost for an hour', () => {
    const returned = pods(3, { rate: 60, pod: { startedAt: ago(7200), readyAt: ago(3600) } });
    const learn = (memory: Memory, all: typeof returned) => {
      const facts = measure(fleet(ten, all), used, start, memory.learned.startSeconds);
      return { seconds: facts.startSeconds, memory: noteFacts(memory, facts, { gap: null, isHeard: true }, used) };
    };
    const fresh = learn(begin, pods(3, { rate: 60, pod: { startedAt: ago(7200), readyAt: ago(7196) } }));
    expect([fresh.seconds, learn(fresh.memory, returned).seconds, learn(begin, []).seconds]).toEqual([4, 4, 10]);
  });

  it('forgets what was learned of another template', () => {
    const learned = { ...begin, at: ago(5), learned: { ...begin.learned, cpu: 0.01 } };
    expect(takeUp(learned, fleet(ten, [], { templateHash: 'b' }), used, start).learned.cpu).toBeNull();
    expect(takeUp(learned, fleet(ten, []), used, start).learned.cpu).toBe(0.01);
  });
});
