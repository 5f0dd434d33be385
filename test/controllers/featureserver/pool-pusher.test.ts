import { describe, expect, it } from '@jest/globals';
import type { FeatureServer } from '../../../src/api/featureserver.ts';
import { featureServerSchema } from '../../../src/api/featureserver.ts';
import { selectorLabels } from '../../../src/api/names.ts';
import type { PoolState } from '../../../src/api/protocol.ts';
import { createCaches } from '../../../src/controllers/featureserver/caches.ts';
import { PoolPusher } from '../../../src/controllers/featureserver/pool-pusher.ts';
import { PoolFailure } from '../../../src/controllers/scrape/pool-client.ts';
import { FakeClock } from '../../runtime/support/fake-clock.ts';
import { RecordingLogger, RecordingMetrics } from '../../runtime/support/recorders.ts';

const featureServer: FeatureServer = featureServerSchema.parse({
  apiVersion: 'plateau.dev/v1alpha1', kind: 'FeatureServer',
  metadata: { namespace: 'shop', name: 'ranking', uid: 'u', generation: 1, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { objective: { p95: '50ms' }, server: { custom: { image: 'example.org/server:1' } }, resources: { limits: { cpu: '1', memory: '256Mi' } } },
});
const config = { generation: 3, threads: 8, processes: 1, objectiveMs: 50 };
const state: PoolState = { ...config, live: { threads: true, processes: true }, limits: { threads: { min: 1, max: 64 }, processes: { min: 1, max: 1 } }, model: 'eventloop', knob: 'inflight', gil: 'none' };

const pod = (version: string, container: Record<string, unknown>) => ({
  metadata: { namespace: 'shop', name: 'ranking-1', uid: 'p', resourceVersion: version, labels: selectorLabels('ranking') },
  status: { podIP: '127.0.0.9', containerStatuses: [{ name: 'server', state: { running: { startedAt: '2026-01-01T00:00:00Z' } }, ...container }] },
});

/** A pusher at work, and a pod that answers as `answers` says. */
const setUp = (answers: () => Promise<PoolState>) => {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const caches = createCaches(logger);
  const reports: string[] = [];
  const asked: string[] = [];
  const answer = (verb: string) => (): Promise<PoolState> => {
    asked.push(verb);
    return answers();
  };
  const pusher = new PoolPusher({
    client: { get: answer('GET'), put: answer('PUT') },
    caches, clock, logger, random: () => 0.5, metrics: new RecordingMetrics(), onReport: (key) => reports.push(key),
  });
  const stop = new AbortController();
  const running = pusher.controller.run(stop.signal);
  pusher.want('shop/ranking', featureServer, config, 'token');
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { clock, logger, caches, reports, asked, pusher, end };
};

describe('PoolPusher', () => {
  it('leaves a container alone until its start-up probe has succeeded', async () => {
    const { clock, caches, asked, reports, end } = setUp(() => Promise.resolve(state));
    caches.pod.upsert(pod('1', { started: false }));
    await clock.advance(60_000);
    expect(asked).toEqual([]);
    caches.pod.upsert(pod('2', { started: true }));
    await clock.advance(1);
    expect(asked).toEqual(['GET', 'PUT']);
    expect(reports).toEqual(['shop/ranking']);
    await end();
  });

  it('asks a silent pod again at growing intervals, and says so once and not as an error', async () => {
    let silent = true;
    const { clock, logger, caches, asked, pusher, end } = setUp(() => (silent ? Promise.reject(new PoolFailure('Unreachable', 'connect ECONNREFUSED')) : Promise.resolve(state)));
    caches.pod.upsert(pod('1', { started: true }));
    await clock.advance(120_000);
    expect(asked.length).toBeGreaterThan(8);
    expect(asked.length).toBeLessThan(25);
    expect(logger.lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => [level, message])).toEqual([['warn', 'a pod does not take its pool configuration; asking again']]);
    silent = false;
    await clock.advance(15_000);
    expect(pusher.reports('shop/ranking')).toEqual({ 'ranking-1': { generation: 3, threads: 8, processes: 1, live: state.live, limits: state.limits } });
    await end();
  });

  it('reports what is no failure of a pod as an error of its own', async () => {
    const { clock, logger, caches, end } = setUp(() => Promise.reject(new TypeError('a defect')));
    caches.pod.upsert(pod('1', { started: true }));
    await clock.advance(1);
    expect(logger.lines.map(({ level }) => level)).toContain('error');
    await end();
  });
});
