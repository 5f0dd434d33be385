import { afterEach, describe, expect, it } from '@jest/globals';
import { apiVersion } from '../../../src/api/featureserver.ts';
import { resourceTypes } from '../../../src/api/resource-types.ts';
import { createCaches } from '../../../src/controllers/featureserver/caches.ts';
import { fleetDetails, fleetSummaries } from '../../../src/controllers/featureserver/fleet-view.ts';
import { createFeatureServerController } from '../../../src/controllers/featureserver/setup.ts';
import { RecommendationStore } from '../../../src/controllers/scrape/recommendation-store.ts';
import type { KubeObject } from '../../../src/runtime/ports.ts';
import { startHttpServer } from '../../../src/telemetry/http-server.ts';
import { metricCatalogue } from '../../../src/telemetry/metric-catalogue.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { now, recommendation } from '../../core/featureserver/support/objects.ts';
import { FakeClock } from '../../runtime/support/fake-clock.ts';
import { RecordingLogger } from '../../runtime/support/recorders.ts';
import { MemoryClient } from './support/memory-client.ts';

const key = 'shop/ranking';
const object: KubeObject = {
  apiVersion, kind: 'FeatureServer',
  metadata: { namespace: 'shop', name: 'ranking', uid: 'uid-of-ranking', resourceVersion: '1', generation: 1, creationTimestamp: '2026-11-23T11:00:00Z' },
  spec: { objective: { p95: '30ms' }, server: { custom: { image: 'example.org/server:1' } } },
};
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
const notAsked = (): never => {
  throw new Error('there are no pods');
};

/** The controller with a fleet of two pods, and its HTTP port, as the operator puts them together. */
const setUp = async () => {
  const [clock, logger, metrics, recommendations] = [new FakeClock(now), new RecordingLogger(), createMetrics(metricCatalogue), new RecommendationStore()];
  const caches = createCaches(logger);
  const client = new MemoryClient(caches);
  const { fleets } = createFeatureServerController({
    client, caches, clock, logger, metrics, recommendations, random: () => 0.5, workers: 1, instance: 'test',
    poolClient: { get: notAsked, put: notAsked }, ownImages: { builtin: 'builtin:1', pool: 'pool:1' }, operatorPods: null,
    leaseTransitions: () => 0, operatorKey: async () => Buffer.alloc(32, 1),
  });
  const stop = new AbortController();
  const running = fleets.run(stop.signal);
  const server = await startHttpServer({
    host: '127.0.0.1', port: 0, metrics, logger, ready: () => true, leading: () => true,
    fleets: () => fleetSummaries(caches), fleet: (namespace, name) => fleetDetails(caches, namespace, name),
  });
  ends.push(() => server.close(), async () => (stop.abort(), running));
  client.add(resourceTypes.featureServer, object);
  await clock.advance(1_000);
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
  return {
    client, logger,
    /** The law's answer for the size that the fleet was born with. */
    recommend: async (parts: Parameters<typeof recommendation>[0] = {}): Promise<void> => {
      recommendations.set(key, { at: clock.now(), decidedOn: { replicas: 2, threads: 8, processes: 1 }, recommendation: recommendation(parts) });
      fleets.enqueue(key);
      await clock.advance(1_000);
    },
    decisions: async () => (await (await get('/metrics')).text()).split('\n').filter((line) => line.startsWith('plateau_decisions_total{')),
    json: async (path: string): Promise<unknown> => (await get(path)).json(),
  };
};

describe('the controller of FeatureServers', () => {
  it('counts a move that it makes, once and under its reason', async () => {
    const { recommend, decisions, client } = await setUp();
    expect(await decisions()).toEqual([]);
    await recommend();
    expect(await client.get(resourceTypes.deployment, { namespace: 'shop', name: 'ranking' })).toMatchObject({ spec: { replicas: 4 } });
    expect(await decisions()).toEqual(['plateau_decisions_total{reason="CapacityShort"} 1']);
    await recommend();
    expect(await decisions()).toEqual(['plateau_decisions_total{reason="CapacityShort"} 1']);
  });

  it('counts a move of threads as well', async () => {
    const { recommend, decisions } = await setUp();
    await recommend({ scale: { replicas: 2, threads: 12, processes: 1 }, reason: 'ThreadsBelowFloor' });
    expect(await decisions()).toEqual(['plateau_decisions_total{reason="ThreadsBelowFloor"} 1']);
  });

  it('counts no move that was refused, and none where nothing moves', async () => {
    const { recommend, decisions, client } = await setUp();
    await recommend({ scale: { replicas: 2, threads: 8, processes: 1 }, reason: 'Steady' });
    client.refused.add('Deployment');
    await recommend();
    expect(await decisions()).toEqual([]);
  });

  it('shows class, evidence and the last move in the summaries of the fleets', async () => {
    const { recommend, json, logger } = await setUp();
    expect(await json('/api/fleets')).toMatchObject({ fleets: [{ namespace: 'shop', name: 'ranking', objective: '30ms' }] });
    await recommend({ class: 'STORE', evidence: 'the store takes 80 % of the time', advice: 'look at the store' });
    const summary = {
      namespace: 'shop', name: 'ranking', mode: 'Auto', replicas: { min: 2, max: 10, desired: 4 },
      bottleneck: { class: 'STORE', evidence: 'the store takes 80 % of the time', advice: 'look at the store' },
      lastDecision: { reason: 'CapacityShort', from: { replicas: 2 }, to: { replicas: 4 } },
    };
    expect(await json('/api/fleets')).toMatchObject({ fleets: [summary] });
    expect(await json('/api/fleets/shop/ranking')).toMatchObject({ ...summary, status: { bottleneck: { class: 'STORE' } } });
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
