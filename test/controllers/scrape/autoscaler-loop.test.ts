import { describe, expect, it } from '@jest/globals';
import { MockAgent } from 'undici';
import { AutoscalerLoop, scrapePeriodMs } from '../../../src/controllers/scrape/autoscaler-loop.ts';
import type { FleetPod, FleetSource, FleetState } from '../../../src/controllers/scrape/ports.ts';
import { RecommendationStore } from '../../../src/controllers/scrape/recommendation-store.ts';
import { Scraper } from '../../../src/controllers/scrape/scraper.ts';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { readRecord, recordLine } from '../../../src/core/decisions/record.ts';
import { fleet, input, pods, spec } from '../../core/autoscale/support/fleet.ts';
import { FakeClock, flush } from '../../runtime/support/fake-clock.ts';
import { RecordingLogger } from '../../runtime/support/recorders.ts';
import { poolPage } from './support/pool-page.ts';

const key = 'shop/ranking';

/** A fleet of two pods behind a mocked network, on a clock that the test moves. */
const set = (change: Partial<FleetState> = {}) => {
  const clock = new FakeClock();
  const agent = new MockAgent();
  agent.disableNetConnect();
  const began = clock.monotonicMs();
  let rate = 50;
  let requests = 0;
  let last = began;
  const page = (): string => {
    requests += Math.round(((clock.monotonicMs() - last) / 1000) * rate);
    last = clock.monotonicMs();
    return poolPage({ requests, response: 0.023, service: 0.0225, store: 0.02, cpu: requests * 0.002 });
  };
  const pod = (index: number): FleetPod => ({
    name: `ranking-${index}`, node: 'n1', templateHash: 'a', ready: true, startedAt: clock.now() - 600_000, readyAt: clock.now() - 590_000, coreLimit: 1,
    target: { key: `uid-${index}`, name: `shop/ranking-${index}`, host: `10.0.0.${index}`, port: 9100, incarnation: '1' },
  });
  agent.get('http://10.0.0.1:9100').intercept({ path: '/metrics' }).reply(() => ({ statusCode: 200, data: page() })).persist();
  const state: FleetState = {
    uid: 'uid-of-ranking', spec: spec(), current: { replicas: 1, threads: 8, processes: 1 }, readyReplicas: 1, terminating: 0, rollingOut: false, templateHash: 'a', blocked: null,
    pods: [pod(1)], storedMemory: undefined, ...change,
  };
  const fleets = new Map<string, FleetState>([[key, state]]);
  const enqueued: string[] = [];
  const recorded: string[] = [];
  const logger = new RecordingLogger();
  const store = new RecommendationStore();
  const source: FleetSource = { keys: () => fleets.keys(), fleet: (name) => fleets.get(name) };
  const scraper = new Scraper({ clock, random: () => 0, dispatcher: agent, logger });
  const loop = new AutoscalerLoop({ source, scraper, store, onRecommendation: (name) => enqueued.push(name), onEvaluation: (evaluation) => recorded.push(recordLine(evaluation)), clock, logger });
  /** Moves the clock in small steps, with room for the mocked network's own turns between them. */
  const pass = async (seconds: number): Promise<void> => {
    for (let step = 0; step < seconds * 2; step += 1) {
      await clock.advance(500);
      for (let turn = 0; turn < 5; turn += 1) await flush();
    }
  };
  return { clock, fleets, state, enqueued, recorded, logger, store, loop, scraper, pass, setRate: (value: number) => (rate = value) };
};

describe('the measuring loop', () => {
  it('measures, recommends, and tells reconcile only what is new', async () => {
    const { loop, store, enqueued, pass } = set();
    loop.start();
    await pass(30);
    expect(store.get(key)?.recommendation).toMatchObject({ class: 'OK', reason: 'Steady', measured: { coverage: 1 } });
    expect(store.get(key)?.recommendation.measured.offeredPerSecond).toBeCloseTo(50, 0);
    const told = enqueued.length;
    await pass(60);
    expect(enqueued.length).toBe(told);
    loop.stop();
  });

  it('puts every evaluation on record, and the record gives the same decision again', async () => {
    const { loop, recorded, pass, store } = set();
    loop.start();
    await pass(30);
    loop.stop();
    expect(recorded.length).toBeGreaterThanOrEqual(6);
    for (const line of recorded) {
      const read = readRecord(line);
      if (!read.ok) throw new Error(read.problem);
      expect(read.value.object).toEqual({ namespace: 'shop', name: 'ranking', uid: 'uid-of-ranking' });
      expect(recommend(read.value.input)).toEqual(read.value.output);
    }
    expect(store.get(key)).toBeUndefined();
  });

  it('tells reconcile at each evaluation while the fleet is not what it should be', async () => {
    const { loop, store, enqueued, pass, setRate } = set();
    loop.start();
    await pass(20);
    setRate(1500);
    const told = enqueued.length;
    await pass(30);
    expect(store.get(key)).toMatchObject({ decidedOn: { replicas: 1, threads: 8 }, recommendation: { scale: { replicas: 1, threads: expect.any(Number) }, reason: 'ThreadsBelowFloor' } });
    expect(enqueued.length).toBeGreaterThan(told + 2);
    loop.stop();
  });

  it('takes memory over from the status, as a former leader\'s: it shrinks nothing for one stabilization', async () => {
    const former = recommend(input(fleet({ replicas: 1, threads: 8, processes: 1 }, pods(1, { rate: 50 }))), ).memory;
    const { loop, store, clock, pass } = set({ storedMemory: { ...former, at: Date.parse('2025-12-31T23:59:59Z'), watchedSince: Date.parse('2025-12-31T00:00:00Z') } });
    loop.start();
    await pass(5);
    const memory = store.get(key)?.recommendation.memory;
    expect(memory).toMatchObject({ learned: { cpu: expect.any(Number) } });
    expect(Number(memory?.['watchedSince'])).toBeGreaterThanOrEqual(clock.now() - 6000);
    loop.stop();
  });

  it('forgets a fleet that is gone, and everything when it stops', async () => {
    const { loop, store, scraper, fleets, state, pass } = set();
    loop.start();
    await pass(10);
    fleets.delete(key);
    await pass(1);
    expect([store.get(key), scraper.fleets()]).toEqual([undefined, []]);
    fleets.set(key, state);
    await pass(1);
    expect(store.get(key)).toBeDefined();
    loop.stop();
    expect([store.get(key), scraper.fleets()]).toEqual([undefined, []]);
  });

  it('looks less and less often for a fleet that has nothing to measure, and finds it within ten seconds', async () => {
    const { fleets, state, store, scraper, clock, logger, pass } = set();
    let looks = 0;
    let isThere = false;
    const source: FleetSource = { keys: () => fleets.keys(), fleet: () => ((looks += 1), isThere ? state : undefined) };
    const loop = new AutoscalerLoop({ source, scraper, store, onRecommendation: () => {}, clock, logger });
    loop.start();
    await pass(60);
    expect(looks).toBeLessThan(12);
    isThere = true;
    await pass(11);
    expect(store.get(key)).toBeDefined();
    loop.stop();
  });

  it('measures a fleet whose first container starts after the first look within three evaluations', async () => {
    const { fleets, state, store, loop, pass } = set();
    fleets.set(key, { ...state, pods: state.pods.map((pod) => ({ ...pod, startedAt: null, ready: false, target: null })) });
    loop.start();
    await pass(2);
    expect(store.get(key)?.recommendation.class).toBe('UNKNOWN');
    fleets.set(key, state);
    await pass(3 * 5);
    expect(store.get(key)?.recommendation.class).toBe('OK');
    loop.stop();
  });

  it('goes on with the others when one fleet makes it fail', async () => {
    const { loop, store, fleets, state, logger, pass } = set();
    const broken = Object.defineProperty({ ...state }, 'spec', { get: () => { throw new Error('not parsed'); } });
    fleets.set('shop/a-broken', broken);
    loop.start();
    await pass(10);
    expect(store.get(key)).toBeDefined();
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    loop.stop();
  });

  it.each([[1000, 1000], [5000, 2500], [30_000, 5000]])('scrapes, with an evaluation each %i ms, each %i ms', (evaluation, scrape) => {
    expect(scrapePeriodMs(evaluation)).toBe(scrape);
  });
});
